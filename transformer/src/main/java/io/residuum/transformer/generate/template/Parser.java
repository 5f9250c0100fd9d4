package io.residuum.transformer.generate.template;

import io.residuum.transformer.generate.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads statements; {@link ExpressionParser} reads the expressions in them. */
final class Parser {
    private final ExpressionParser words;

    private Parser(List<Token> tokens) {
        words = new ExpressionParser(tokens);
    }

    static List<Statement> parse(String source) {
        Parser parser = new Parser(Lexer.tokens(source));
        List<Statement> all = parser.body(Set.of());
        if (parser.words.more()) {
            throw parser.words.error("a statement must begin with if, for, set or macro");
        }
        return all;
    }

    /** Reads statements up to the beginning of one of the ends. */
    private List<Statement> body(Set<String> ends) {
        words.enter();
        List<Statement> all = new ArrayList<>();
        while (words.more()) {
            Token token = words.peek();
            if (token.kind() == Kind.TEXT) {
                words.take();
                all.add(new Statement.Text(token.text()));
            } else if (token.kind() == Kind.PRINT) {
                words.take();
                all.add(new Statement.Print(words.tuple()));
                words.end();
            } else {
                if (ends.contains(words.peek(1).text())) {
                    words.leave();
                    return all;
                }
                words.take();
                statement(all);
            }
        }
        if (!ends.isEmpty()) {
            throw words.error("a block must end with one of " + ends + ", but the template ends");
        }
        words.leave();
        return all;
    }

    /** Takes the beginning and the name of the statement that ends a body. */
    private String close() {
        words.take();
        return words.take().text();
    }

    private void statement(List<Statement> into) {
        Token name = words.take();
        switch (name.text()) {
            case "if" -> into.add(condition());
            case "for" -> into.add(loop(name.line()));
            case "set" -> into.add(assignment(name.line()));
            case "macro" -> into.add(macro());
            case "break", "continue" -> {
                words.end();
                into.add(new Statement.Leave(name.text().equals("break")));
            }
            case "generation" -> {
                words.end();
                into.addAll(body(Set.of("endgeneration")));
                close();
                words.end();
            }
            default ->
                    throw new TemplateException(
                            name.line(),
                            "a statement must be if, for, set, macro, break, continue or"
                                    + " generation, got \"%s\"".formatted(name.text()));
        }
    }

    private Statement condition() {
        List<Expression> conditions = new ArrayList<>(List.of(words.expression()));
        List<List<Statement>> branches = new ArrayList<>();
        words.end();
        Set<String> ends = Set.of("elif", "else", "endif");
        branches.add(body(ends));
        String next = close();
        while (!next.equals("endif")) {
            conditions.add(
                    next.equals("elif") ? words.expression() : new Expression.Constant(true));
            words.end();
            branches.add(body(ends));
            next = close();
        }
        words.end();
        return new Statement.If(conditions, branches);
    }

    private Statement loop(int line) {
        List<String> names = names();
        words.require("in");
        Expression items = words.withoutChoice();
        Expression condition = words.accept("if") ? words.expression() : null;
        words.end();
        List<Statement> body = body(Set.of("endfor", "else"));
        List<Statement> otherwise = List.of();
        if (close().equals("else")) {
            words.end();
            otherwise = body(Set.of("endfor"));
            close();
        }
        words.end();
        return new Statement.For(names, items, condition, body, otherwise, line);
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        do {
            names.add(words.name());
        } while (words.accept(","));
        return names;
    }

    private Statement assignment(int line) {
        List<String> names = names();
        String member = words.accept(".") ? words.name() : "";
        if (!words.accept("=")) {
            words.end();
            List<Statement> body = body(Set.of("endset"));
            close();
            words.end();
            return new Statement.Capture(names.get(0), body);
        }
        Expression value = words.tuple();
        words.end();
        return new Statement.Assign(names, member, value, line);
    }

    private Statement macro() {
        String name = words.name();
        List<String> parameters = new ArrayList<>();
        Map<String, Expression> defaults = new LinkedHashMap<>();
        words.require("(");
        while (!words.accept(")")) {
            String parameter = words.name();
            parameters.add(parameter);
            if (words.accept("=")) {
                defaults.put(parameter, words.expression());
            }
            words.accept(",");
        }
        words.end();
        List<Statement> body = body(Set.of("endmacro"));
        close();
        words.end();
        return new Statement.Macro(name, parameters, defaults, body);
    }
}
