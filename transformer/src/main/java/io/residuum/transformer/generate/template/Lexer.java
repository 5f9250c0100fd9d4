package io.residuum.transformer.generate.template;

import io.residuum.transformer.generate.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a template into words. As transformers sets Jinja, the line break after a statement and
 * the spaces before one at the beginning of a line are left out.
 */
final class Lexer {
    private static final List<String> OPERATORS = List.of("==", "!=", "<=", ">=", "//", "**");
    private static final String SINGLE = "()[]{}<>=.,:+-*/%~|";

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String source) {
        String text = source.replace("\r\n", "\n");
        // Jinja leaves out the last line break.
        Lexer lexer = new Lexer(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
        lexer.read();
        return lexer.tokens;
    }

    private void read() {
        boolean stripped = false;
        while (at < source.length()) {
            int open = next();
            boolean trims = open < source.length() && source.startsWith("-", open + 2);
            boolean keeps = open < source.length() && source.startsWith("+", open + 2);
            String text = source.substring(at, open);
            text(
                    text,
                    stripped,
                    open < source.length() ? source.charAt(open + 1) : ' ',
                    trims,
                    keeps);
            at = open;
            if (open == source.length()) {
                return;
            }
            int begin = at;
            char kind = source.charAt(at + 1);
            at += trims || keeps ? 3 : 2;
            if (kind == '#') {
                int end = source.indexOf("#}", at);
                if (end < 0) {
                    throw error("a comment must end with #}");
                }
                stripped = source.charAt(end - 1) == '-' && end > begin + 2;
                count(begin, end);
                at = end + 2;
            } else {
                tokens.add(new Token(kind == '{' ? Kind.PRINT : Kind.BLOCK, "", line));
                stripped = words(kind == '{' ? "}}" : "%}");
                tokens.add(new Token(Kind.END, "", line));
            }
            if (!stripped && kind != '{' && source.startsWith("\n", at)) {
                line++;
                at++;
            }
        }
    }

    /** {@return the index of the next braces, or the length of the source} */
    private int next() {
        for (int i = at; i + 1 < source.length(); i++) {
            if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return source.length();
    }

    private void text(String text, boolean stripped, char kind, boolean trims, boolean keeps) {
        int lines = (int) text.chars().filter(c -> c == '\n').count();
        String kept = stripped ? text.stripLeading() : text;
        if (trims) {
            kept = kept.stripTrailing();
        } else if (kind != '{' && kind != ' ' && !keeps) {
            int start = kept.length();
            while (start > 0 && (kept.charAt(start - 1) == ' ' || kept.charAt(start - 1) == '\t')) {
                start--;
            }
            boolean lineStart =
                    start == 0
                            ? at == 0 || source.charAt(at - 1) == '\n' || (stripped && lines > 0)
                            : kept.charAt(start - 1) == '\n';
            kept = lineStart ? kept.substring(0, start) : kept;
        }
        if (!kept.isEmpty()) {
            tokens.add(new Token(Kind.TEXT, kept, line));
        }
        line += lines;
    }

    /** Reads the words up to an end; returns true if a minus there strips the text after it. */
    private boolean words(String end) {
        int depth = 0;
        while (true) {
            while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
                line += source.charAt(at) == '\n' ? 1 : 0;
                at++;
            }
            if (at >= source.length()) {
                throw error("an expression or statement must end with " + end);
            }
            if (depth == 0 && source.startsWith("-" + end, at)) {
                at += 3;
                return true;
            }
            if (depth == 0 && source.startsWith(end, at)) {
                at += 2;
                return false;
            }
            depth += "([{".indexOf(source.charAt(at)) >= 0 ? 1 : 0;
            depth -= ")]}".indexOf(source.charAt(at)) >= 0 ? 1 : 0;
            word();
        }
    }

    private void word() {
        char c = source.charAt(at);
        int begin = at;
        if (c == '\'' || c == '"') {
            string(c);
        } else if (Character.isDigit(c)) {
            while (at < source.length() && (isName(at) || isPoint(at))) {
                at++;
            }
            tokens.add(new Token(Kind.NUMBER, source.substring(begin, at), line));
        } else if (isName(at)) {
            while (at < source.length() && isName(at)) {
                at++;
            }
            tokens.add(new Token(Kind.NAME, source.substring(begin, at), line));
        } else {
            String operator =
                    OPERATORS.stream()
                            .filter(o -> source.startsWith(o, begin))
                            .findFirst()
                            .orElse(String.valueOf(c));
            if (operator.length() == 1 && SINGLE.indexOf(c) < 0) {
                throw error("an expression must have no character \"" + c + "\"");
            }
            at += operator.length();
            tokens.add(new Token(Kind.OPERATOR, operator, line));
        }
    }

    private boolean isName(int i) {
        return Character.isLetterOrDigit(source.charAt(i)) || source.charAt(i) == '_';
    }

    private boolean isPoint(int i) {
        return source.charAt(i) == '.'
                && i + 1 < source.length()
                && Character.isDigit(source.charAt(i + 1));
    }

    private void string(char quote) {
        StringBuilder value = new StringBuilder();
        int begin = line;
        at++;
        while (at < source.length() && source.charAt(at) != quote) {
            char c = source.charAt(at++);
            line += c == '\n' ? 1 : 0;
            if (c != '\\' || at == source.length()) {
                value.append(c);
                continue;
            }
            char escaped = source.charAt(at++);
            switch (escaped) {
                case 'n' -> value.append('\n');
                case 't' -> value.append('\t');
                case 'r' -> value.append('\r');
                case '\\', '\'', '"' -> value.append(escaped);
                case 'u' -> {
                    int end = Math.min(at + 4, source.length());
                    String digits = source.substring(at, end);
                    if (!digits.matches("[0-9a-fA-F]{4}")) {
                        throw error("\\u needs four hexadecimal digits, got " + digits);
                    }
                    value.append((char) Integer.parseInt(digits, 16));
                    at = end;
                }
                default -> value.append('\\').append(escaped);
            }
        }
        at++;
        tokens.add(new Token(Kind.STRING, value.toString(), begin));
    }

    private void count(int from, int to) {
        line += (int) source.substring(from, to).chars().filter(c -> c == '\n').count();
    }

    private TemplateException error(String message) {
        return new TemplateException(line, message);
    }
}
