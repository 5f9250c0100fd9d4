package io.residuum.weights;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Strict JSON (RFC 8259), read by asking for what must come next.
 *
 * <p>Nothing is built but what the caller asks for, so that a hostile header costs no more memory
 * than its own length. Repeated keys, invalid UTF-8, unpaired surrogates and text after the value
 * are errors.
 */
final class JsonCursor {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_TOKEN = 64;
    private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]*)");
    private static final Pattern NUMBER =
            Pattern.compile(INTEGER.pattern() + "(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final Pattern LITERAL = Pattern.compile("true|false|null");

    private final Path file;
    private final ByteBuffer in;
    private final MemoryBudget budget;

    // Made once: a header may hold a hundred thousand names and numbers. Unlike the String
    // constructor, the decoder reports malformed bytes.
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final Matcher integer = INTEGER.matcher("");
    private final Matcher number = NUMBER.matcher("");
    private final Matcher literal = LITERAL.matcher("");

    JsonCursor(Path file, ByteBuffer in, MemoryBudget budget) {
        this.file = file;
        this.in = in;
        this.budget = budget;
    }

    /** Reads an object; {@code field} is given each key and must read its value. */
    void object(Consumer<String> field) {
        expect('{');
        budget.charge(4 * MemoryBudget.OBJECT);
        Set<String> keys = new HashSet<>();
        if (!accept('}')) {
            do {
                String key = string();
                if (!keys.add(key)) {
                    throw error("keys must be unique, found " + JsonText.shown(key) + " again");
                }
                expect(':');
                field.accept(key);
            } while (accept(','));
            expect('}');
        }
    }

    /** Reads an array of at most {@code max} integers. */
    List<Long> integers(int max) {
        List<Long> values = new ArrayList<>();
        expect('[');
        if (!accept(']')) {
            do {
                if (values.size() == max) {
                    throw error("the array must have at most " + max + " integers, found more");
                }
                values.add(integer());
            } while (accept(','));
            expect(']');
        }
        return values;
    }

    private long integer() {
        String text = number();
        try {
            if (integer.reset(text).matches()) {
                return Long.parseLong(text);
            }
        } catch (NumberFormatException e) {
            // Out of range: the same complaint as for a fraction.
        }
        throw error("an integer of 64 bits must stand here, found " + text);
    }

    /** Reads a string. */
    String string() {
        expect('"');
        String plain = plain();
        if (plain != null) {
            return plain;
        }
        StringBuilder out = new StringBuilder();
        boolean escaped = false;
        int start = in.position();
        while (true) {
            int c = next();
            if (c == '"') {
                decode(start, in.position() - 1, out);
                break;
            } else if (c == '\\') {
                decode(start, in.position() - 1, out);
                out.append(escape());
                escaped = true;
                start = in.position();
            } else if (c < ' ') {
                throw error("control characters in strings must be escaped");
            }
        }
        if (escaped && !StandardCharsets.UTF_8.newEncoder().canEncode(out)) {
            throw error("surrogates in strings must come in pairs");
        }
        return out.toString();
    }

    /** Reads a string of printable ASCII, as nearly all are, or leaves it where it is. */
    private @Nullable String plain() {
        int start = in.position();
        int end = start;
        for (; end < in.limit() && in.get(end) != '"'; end++) {
            // Bytes from 0x80 are negative.
            if (in.get(end) < ' ' || in.get(end) == '\\') {
                return null;
            }
        }
        if (end == in.limit()) {
            return null;
        }
        budget.charge(2 * MemoryBudget.OBJECT + 2L * (end - start));
        byte[] text = new byte[end - start];
        in.get(text);
        in.position(end + 1);
        return new String(text, StandardCharsets.US_ASCII);
    }

    private void decode(int from, int to, StringBuilder out) {
        budget.charge(2 * MemoryBudget.OBJECT + 8L * (to - from));
        try {
            out.append(decoder.decode(in.slice(from, to - from)));
        } catch (CharacterCodingException e) {
            throw error("text must be valid UTF-8");
        }
    }

    private char escape() {
        int c = next();
        return switch (c) {
            case '"', '\\', '/' -> (char) c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = Character.digit(next(), 16);
                    if (digit < 0) {
                        throw error("\\u must be followed by four hexadecimal digits");
                    }
                    code = code << 4 | digit;
                }
                yield (char) code;
            }
            default -> throw error("unknown escape in a string");
        };
    }

    /** Reads any value: the text of a string, number or literal, or null for what holds values. */
    @Nullable String text() {
        return text(0);
    }

    private @Nullable String text(int depth) {
        if (depth > MAX_DEPTH) {
            throw error("values must nest at most " + MAX_DEPTH + " deep");
        }
        int c = peek();
        if (c == '"') {
            return string();
        } else if (c == '{') {
            object(key -> text(depth + 1));
            return null;
        } else if (c == '[') {
            skipArray(depth);
            return null;
        }
        return c == '-' || isDigit(c) ? number() : token(literal, "a value");
    }

    private void skipArray(int depth) {
        expect('[');
        if (!accept(']')) {
            do {
                text(depth + 1);
            } while (accept(','));
            expect(']');
        }
    }

    private String number() {
        return token(number, "a number");
    }

    private String token(Matcher form, String what) {
        peek();
        budget.charge(2 * MemoryBudget.OBJECT);
        StringBuilder out = new StringBuilder();
        while (in.hasRemaining()
                && isTokenPart(in.get(in.position()))
                && out.length() <= MAX_TOKEN) {
            out.append((char) in.get());
        }
        if (out.length() > MAX_TOKEN || !form.reset(out).matches()) {
            throw error(what + " must stand here, found " + JsonText.quote(out.toString()));
        }
        return out.toString();
    }

    /** Requires that nothing but white space is left. */
    void end() {
        skipSpace();
        if (in.hasRemaining()) {
            throw error("nothing but spaces may follow the JSON");
        }
    }

    private void expect(char wanted) {
        int found = peek();
        if (found != wanted) {
            throw error("'%c' must stand here, found %s".formatted(wanted, describe(found)));
        }
        in.get();
    }

    private boolean accept(char wanted) {
        if (peek() != wanted) {
            return false;
        }
        in.get();
        return true;
    }

    private int peek() {
        skipSpace();
        int c = next();
        in.position(in.position() - 1);
        return c;
    }

    private int next() {
        if (!in.hasRemaining()) {
            throw error("the JSON must be complete, found its end");
        }
        return in.get() & 0xff;
    }

    private void skipSpace() {
        while (in.hasRemaining() && " \t\r\n".indexOf(in.get(in.position())) >= 0) {
            in.get();
        }
    }

    private static boolean isTokenPart(int c) {
        return isDigit(c)
                || c == '-'
                || c == '+'
                || c == '.'
                || (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static String describe(int c) {
        return c > ' ' && c < 0x7f ? "'" + (char) c + "'" : "byte 0x%02x".formatted(c);
    }

    WeightsException error(String problem) {
        return WeightsException.in(file, "JSON, byte " + in.position() + ": " + problem);
    }
}
