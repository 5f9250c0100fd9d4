package io.residuum.transformer.generate.template;

import io.residuum.transformer.generate.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Reads expressions in the order of precedence of Jinja's operators. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=", "in");

    /** Deeper nesting could overflow the stack. */
    private static final int MOST_NESTED = 100;

    private final List<Token> tokens;
    private int at;
    private int nested;

    ExpressionParser(List<Token> tokens) {
        this.tokens = tokens;
    }

    boolean more() {
        return at < tokens.size();
    }

    Token peek() {
        return peek(0);
    }

    Token peek(int ahead) {
        int line = tokens.isEmpty() ? 1 : tokens.get(tokens.size() - 1).line();
        return at + ahead < tokens.size() ? tokens.get(at + ahead) : new Token(Kind.END, "", line);
    }

    Token take() {
        Token token = peek();
        at++;
        return token;
    }

    boolean accept(String text) {
        Token token = peek();
        boolean found =
                token.text().equals(text)
                        && (token.kind() == Kind.NAME || token.kind() == Kind.OPERATOR);
        at += found ? 1 : 0;
        return found;
    }

    void require(String text) {
        if (!accept(text)) {
            throw error("expected \"%s\", found \"%s\"".formatted(text, peek().text()));
        }
    }

    void end() {
        if (take().kind() != Kind.END) {
            at--;
            throw error("the expression must end before \"%s\"".formatted(peek().text()));
        }
    }

    String name() {
        Token token = take();
        if (token.kind() != Kind.NAME) {
            throw error("expected a name, found \"%s\"".formatted(token.text()));
        }
        return token.text();
    }

    TemplateException error(String message) {
        return new TemplateException(peek().line(), message);
    }

    /** Reads an expression, or several with commas as a list. */
    Expression tuple() {
        Expression first = expression();
        if (!peek().is(Kind.OPERATOR, ",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (accept(",")) {
            items.add(expression());
        }
        return new Expression.Sequence(items);
    }

    Expression expression() {
        enter();
        Expression then = withoutChoice();
        while (accept("if")) {
            Expression condition = withoutChoice();
            Expression other = accept("else") ? expression() : null;
            then = new Expression.Choice(then, condition, other);
        }
        leave();
        return then;
    }

    /** Begins an expression or a block inside of another. */
    void enter() {
        if (++nested > MOST_NESTED) {
            throw error(
                    "blocks and expressions must be nested at most %d deep".formatted(MOST_NESTED));
        }
    }

    /** Ends what {@link #enter} began. */
    void leave() {
        nested--;
    }

    Expression withoutChoice() {
        Expression left = and();
        while (peek().is(Kind.NAME, "or")) {
            int line = take().line();
            left = new Expression.Binary("or", left, and(), line);
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (peek().is(Kind.NAME, "and")) {
            int line = take().line();
            left = new Expression.Binary("and", left, not(), line);
        }
        return left;
    }

    private Expression not() {
        int line = peek().line();
        int times = 0;
        while (peek().is(Kind.NAME, "not")) {
            take();
            times++;
        }
        Expression value = comparison();
        // Twice makes a boolean of the value; more often changes nothing.
        for (int i = 0; i < (times > 2 ? 2 - times % 2 : times); i++) {
            value = new Expression.Unary("not", value, line);
        }
        return value;
    }

    private Expression comparison() {
        Expression left = sum();
        while (true) {
            int line = peek().line();
            if (peek().is(Kind.NAME, "not") && peek(1).is(Kind.NAME, "in")) {
                at += 2;
                Expression in = new Expression.Binary("in", left, sum(), line);
                left = new Expression.Unary("not", in, line);
            } else if (COMPARISONS.contains(peek().text()) && peek().kind() != Kind.STRING) {
                String operator = take().text();
                left = new Expression.Binary(operator, left, sum(), line);
            } else {
                return left;
            }
        }
    }

    private Expression sum() {
        Expression left = joined();
        while (isOperator("+", "-")) {
            Token operator = take();
            left = new Expression.Binary(operator.text(), left, joined(), operator.line());
        }
        return left;
    }

    private Expression joined() {
        Expression left = product();
        while (isOperator("~")) {
            Token operator = take();
            left = new Expression.Binary("~", left, product(), operator.line());
        }
        return left;
    }

    private Expression product() {
        Expression left = signed();
        while (isOperator("*", "/", "//", "%")) {
            Token operator = take();
            left = new Expression.Binary(operator.text(), left, signed(), operator.line());
        }
        return left;
    }

    private boolean isOperator(String... texts) {
        return peek().kind() == Kind.OPERATOR && List.of(texts).contains(peek().text());
    }

    private Expression signed() {
        if (isOperator("-")) {
            int line = take().line();
            return filtered(new Expression.Unary("-", postfix(primary()), line));
        }
        return filtered(postfix(primary()));
    }

    private Expression postfix(Expression first) {
        Expression value = first;
        while (true) {
            int line = peek().line();
            if (isOperator(".")) {
                take();
                value = new Expression.Member(value, new Expression.Constant(take().text()), line);
            } else if (isOperator("[")) {
                take();
                value = item(value, line);
            } else if (isOperator("(")) {
                take();
                List<Expression> arguments = new ArrayList<>();
                Map<String, Expression> named = arguments(arguments);
                value = new Expression.Call(value, arguments, named, line);
            } else {
                return value;
            }
        }
    }

    private Expression filtered(Expression first) {
        Expression value = first;
        while (true) {
            int line = peek().line();
            boolean test = peek().is(Kind.NAME, "is");
            if (!test && !isOperator("|")) {
                return value;
            }
            take();
            boolean negated = test && accept("not");
            String name = name();
            List<Expression> arguments = new ArrayList<>();
            Map<String, Expression> named = Map.of();
            if (accept("(")) {
                named = arguments(arguments);
            } else if (test && isArgument()) {
                arguments.add(postfix(primary()));
            }
            value = new Expression.Apply(value, name, test, arguments, named, line);
            value = negated ? new Expression.Unary("not", value, line) : value;
            value = postfix(value);
        }
    }

    /** Tests such as {@code is divisibleby 2} may have an argument without brackets. */
    private boolean isArgument() {
        return peek().kind() == Kind.STRING || peek().kind() == Kind.NUMBER;
    }

    private Expression item(Expression of, int line) {
        Expression from = isOperator(":") ? null : expression();
        if (accept("]")) {
            return new Expression.Member(of, Objects.requireNonNull(from), line);
        }
        require(":");
        Expression to = isOperator(":", "]") ? null : expression();
        Expression step = accept(":") && !isOperator("]") ? expression() : null;
        require("]");
        return new Expression.Slice(of, from, to, step);
    }

    private Map<String, Expression> arguments(List<Expression> positional) {
        Map<String, Expression> named = new LinkedHashMap<>();
        while (!accept(")")) {
            if (peek().kind() == Kind.NAME && peek(1).is(Kind.OPERATOR, "=")) {
                String name = name();
                take();
                named.put(name, expression());
            } else {
                positional.add(expression());
            }
            if (!accept(",") && !isOperator(")")) {
                throw error("arguments must end with \")\", found \"%s\"".formatted(peek().text()));
            }
        }
        return named;
    }

    private Expression primary() {
        Token token = take();
        switch (token.kind()) {
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (peek().kind() == Kind.STRING) {
                    text.append(take().text());
                }
                return new Expression.Constant(text.toString());
            }
            case NUMBER -> {
                return new Expression.Constant(number(token));
            }
            case NAME -> {
                return switch (token.text()) {
                    case "true", "True" -> new Expression.Constant(true);
                    case "false", "False" -> new Expression.Constant(false);
                    case "none", "None" -> new Expression.Constant(null);
                    default -> new Expression.Name(token.text());
                };
            }
            default -> {
                return bracket(token);
            }
        }
    }

    private static Object number(Token token) {
        String text = token.text().replace("_", "");
        try {
            return text.contains(".")
                    ? (Object) Double.parseDouble(text)
                    : (Object) Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new TemplateException(token.line(), "expected a number, got " + text);
        }
    }

    private Expression bracket(Token token) {
        switch (token.text()) {
            case "(" -> {
                if (accept(")")) {
                    return new Expression.Sequence(List.of());
                }
                Expression inner = tuple();
                require(")");
                return inner;
            }
            case "[" -> {
                List<Expression> items = new ArrayList<>();
                while (!accept("]")) {
                    items.add(expression());
                    if (!accept(",") && !isOperator("]")) {
                        throw error("a list must end with \"]\"");
                    }
                }
                return new Expression.Sequence(items);
            }
            case "{" -> {
                List<Expression> keys = new ArrayList<>();
                List<Expression> values = new ArrayList<>();
                while (!accept("}")) {
                    keys.add(expression());
                    require(":");
                    values.add(expression());
                    if (!accept(",") && !isOperator("}")) {
                        throw error("a dictionary must end with \"}\"");
                    }
                }
                return new Expression.Dictionary(keys, values);
            }
            default -> {
                at--;
                throw error("expected a value, found \"%s\"".formatted(token.text()));
            }
        }
    }
}
