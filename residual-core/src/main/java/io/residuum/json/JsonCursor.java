package io.residuum.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A reader of strict JSON (RFC 8259) that is asked for one value after the other.
 *
 * <p>It builds only what the caller asks for and charges that to a budget first, so that hostile
 * text costs no more memory than the budget allows. Repeated keys, deep nesting, long numbers,
 * invalid UTF-8 and text after the value are errors.
 */
public final class JsonCursor {
    private static final int MAX_DEPTH = 200;
    private static final int MAX_NUMBER = 100;

    // A small object and the references to it, in bytes; rather too high.
    private static final int OBJECT = 64;

    private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]*)");
    private static final Pattern NUMBER =
            Pattern.compile(INTEGER.pattern() + "(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final Pattern LITERAL = Pattern.compile("true|false|null");

    private final ByteBuffer in;
    private final LongConsumer budget;
    private final boolean pairs;

    // Made once: a header may hold a hundred thousand names and numbers. Unlike the String
    // constructor, the decoder reports malformed bytes.
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final Matcher integer = INTEGER.matcher("");
    private final Matcher number = NUMBER.matcher("");
    private final Matcher literal = LITERAL.matcher("");

    private JsonPath path;
    private int depth;
    private int line = 1;
    private int lineStart;

    /**
     * Creates a reader.
     *
     * @param source what messages call the text, for instance a file name
     * @param text UTF-8 without a byte order mark; it is read from its position to its limit
     * @param budget receives the bytes that the next value takes before they are allocated; throws
     *     to refuse
     */
    public JsonCursor(String source, ByteBuffer text, LongConsumer budget) {
        this(source, text, budget, true);
    }

    /** Creates a reader; {@code pairs} refuses escaped surrogates without their pair. */
    JsonCursor(String source, ByteBuffer text, LongConsumer budget, boolean pairs) {
        this.path = JsonPath.root(source);
        this.in = text;
        this.budget = budget;
        this.pairs = pairs;
        this.lineStart = text.position();
    }

    /**
     * Returns the position of the next byte, or of the error after one.
     *
     * @return a position in the text
     */
    public int position() {
        return in.position();
    }

    /**
     * Reads an object.
     *
     * @param member is given each key, and must read its value
     * @throws JsonException if there is none, or a key occurs twice
     */
    public void object(Consumer<String> member) {
        expect('{', "'{'");
        budget.accept(4 * OBJECT);
        Set<String> keys = new HashSet<>();
        JsonPath whole = enter();
        if (!accept('}')) {
            do {
                peek();
                int keyLine = line;
                String key = string();
                if (!keys.add(key)) {
                    throw whole.error(keyLine, "duplicate key " + JsonText.quote(key));
                }
                expect(':', "':'");
                path = whole.key(key);
                member.accept(key);
            } while (accept(','));
            expect('}', "',' or '}'");
        }
        leave(whole);
    }

    /**
     * Reads an array.
     *
     * @param item is called for each item, and must read it
     * @throws JsonException if there is none
     */
    public void array(Runnable item) {
        expect('[', "'['");
        JsonPath whole = enter();
        if (!accept(']')) {
            int index = 0;
            do {
                path = whole.index(index++);
                item.run();
            } while (accept(','));
            expect(']', "',' or ']'");
        }
        leave(whole);
    }

    private JsonPath enter() {
        if (++depth > MAX_DEPTH) {
            throw document("nested deeper than " + MAX_DEPTH + " levels");
        }
        return path;
    }

    private void leave(JsonPath whole) {
        path = whole;
        depth--;
    }

    /**
     * Reads an array of integers.
     *
     * @param max the largest number of them
     * @return the integers
     * @throws JsonException if there is something else, or more
     */
    public List<Long> integers(int max) {
        List<Long> values = new ArrayList<>();
        array(
                () -> {
                    if (values.size() == max) {
                        throw error("the array must have at most " + max + " integers, found more");
                    }
                    values.add(integer());
                });
        return values;
    }

    private long integer() {
        String text = token(number, "a number");
        try {
            if (integer.reset(text).matches()) {
                return Long.parseLong(text);
            }
        } catch (NumberFormatException e) {
            // Out of range: the same complaint as for a fraction.
        }
        throw error("an integer of 64 bits must stand here, found " + text);
    }

    /**
     * Reads a string.
     *
     * @return the string
     * @throws JsonException if there is none
     */
    public String string() {
        expect('"', "'\"'");
        String plain = plain();
        int c = next();
        if (c == '"') {
            return plain;
        }
        StringBuilder out = new StringBuilder(plain);
        while (c != '"') {
            if (c != '\\') {
                throw errorAt(in.position() - 1, "control characters in strings must be escaped");
            }
            out.append(escape()).append(plain());
            c = next();
        }
        if (pairs && !StandardCharsets.UTF_8.newEncoder().canEncode(out)) {
            throw error("surrogates in strings must come in pairs");
        }
        return out.toString();
    }

    /** Reads to the end of the string, an escape or a control character. */
    private String plain() {
        int start = in.position();
        int end = start;
        boolean ascii = true;
        for (; end < in.limit(); end++) {
            byte c = in.get(end);
            if (c == '"' || c == '\\' || c >= 0 && c < ' ') {
                break;
            }
            ascii &= c >= 0;
        }
        if (end == start) {
            return "";
        }
        budget.accept(2 * OBJECT + (ascii ? 2L : 8L) * (end - start));
        String text = ascii ? ascii(start, end) : decoded(start, end);
        in.position(end);
        return text;
    }

    private String ascii(int start, int end) {
        byte[] bytes = new byte[end - start];
        in.get(start, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private String decoded(int start, int end) {
        try {
            return decoder.decode(in.slice(start, end - start)).toString();
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

    /**
     * Reads any value, and keeps only what is not made of other values.
     *
     * @return the text of a string, number, boolean or null; null for an object or an array
     */
    public @Nullable String text() {
        switch (peek()) {
            case '"' -> {
                return string();
            }
            case '{' -> object(key -> text());
            case '[' -> array(this::text);
            default -> {
                return scalar();
            }
        }
        return null;
    }

    /** Reads any value as a tree. */
    Json value() {
        int start = peek();
        int first = line;
        switch (start) {
            case '"' -> {
                return new Json.Str(first, string());
            }
            case '{' -> {
                Map<String, Json> members = new LinkedHashMap<>();
                object(key -> members.put(key, value()));
                return new Json.Obj(first, members);
            }
            case '[' -> {
                List<Json> items = new ArrayList<>();
                array(() -> items.add(value()));
                return new Json.Arr(first, items);
            }
            default -> {
                String text = scalar();
                return switch (text) {
                    case "true", "false" -> new Json.Bool(first, text.equals("true"));
                    case "null" -> new Json.Null(first);
                    default -> new Json.Num(first, text);
                };
            }
        }
    }

    private String scalar() {
        int c = peek();
        return c == '-' || isDigit(c) ? token(number, "a number") : token(literal, "a value");
    }

    private String token(Matcher form, String what) {
        int first = peek();
        int start = in.position();
        int end = start;
        while (end < in.limit() && isTokenPart(in.get(end))) {
            end++;
        }
        budget.accept(2 * OBJECT);
        String text = ascii(start, Math.min(end, start + MAX_NUMBER + 1));
        if (!form.reset(text).matches()) {
            String found = text.isEmpty() ? describe(first) : JsonText.quote(text);
            throw error(what + " must stand here, found " + found);
        }
        if (end - start > MAX_NUMBER) {
            throw path.error(
                    line,
                    "a number has at most " + MAX_NUMBER + " characters, got " + (end - start));
        }
        in.position(end);
        return text;
    }

    /**
     * Requires that only white space is left.
     *
     * @throws JsonException if there is more
     */
    public void end() {
        if (!atEnd()) {
            throw document("expected the end of the document, got more");
        }
    }

    /** Requires that there is more than white space. */
    void begin() {
        if (atEnd()) {
            line = 1;
            throw document("expected a JSON value, got an empty document");
        }
    }

    private boolean atEnd() {
        skipSpace();
        return !in.hasRemaining();
    }

    private void expect(char wanted, String accepted) {
        int found = peek();
        if (found != wanted) {
            throw error(accepted + " must stand here, found " + describe(found));
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
            String place = JsonText.oneLine(path.toString());
            throw error("the JSON must be complete, found its end in " + place);
        }
        return in.get() & 0xff;
    }

    private void skipSpace() {
        while (in.hasRemaining()) {
            byte c = in.get(in.position());
            if (c == '\n') {
                line++;
                lineStart = in.position() + 1;
            } else if (c != ' ' && c != '\t' && c != '\r') {
                return;
            }
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

    private JsonException error(String problem) {
        return errorAt(in.position(), problem);
    }

    private JsonException errorAt(int position, String problem) {
        in.position(position);
        int column = 1;
        for (int i = lineStart; i < position; i++) {
            // Bytes of a character after its first begin with the bits 10.
            column += (in.get(i) & 0xC0) == 0x80 ? 0 : 1;
        }
        String place = "malformed JSON at column " + column + ": ";
        return located(place, column, problem);
    }

    /** Creates an error of the document as a whole, which has no path. */
    private JsonException document(String problem) {
        return located("", 1, problem);
    }

    private JsonException located(String place, int column, String problem) {
        String source = JsonText.oneLine(path.source()) + ":" + line + ": ";
        return new JsonException(source + place, line, column, problem, null);
    }
}
