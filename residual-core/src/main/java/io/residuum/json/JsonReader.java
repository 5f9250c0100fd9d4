package io.residuum.json;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads strict JSON (RFC 8259) in UTF-8 as trees. Repeated keys, deep nesting, long numbers and
 * text after the value are errors.
 */
public final class JsonReader {
    private static final int MAX_SIZE = 4 << 20;
    private static final ByteBuffer BYTE_ORDER_MARK = StandardCharsets.UTF_8.encode("\uFEFF");
    private static final int MAX_DEPTH = 200;
    private static final int MAX_NUMBER = 100;

    // The bytes of a small object and the references to it, an upper estimate.
    private static final int OBJECT = 64;

    private static final Pattern TOKEN =
            Pattern.compile("true|false|null|-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private final ByteBuffer in;
    private final LongConsumer budget;
    private final @Nullable BiConsumer<JsonPath, Json> elements;

    // Created once, since a header may hold a hundred thousand names and numbers. Unlike the String
    // constructor, the decoder reports malformed bytes.
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final Matcher matcher = TOKEN.matcher("");

    private JsonPath path;
    private long used;
    private int depth;
    private int line = 1;
    private int lineStart;

    private JsonReader(
            String source,
            ByteBuffer text,
            LongConsumer budget,
            @Nullable BiConsumer<JsonPath, Json> elements) {
        this.elements = elements;
        this.path = JsonPath.root(source);
        this.in = text;
        this.budget =
                bytes -> {
                    used += bytes;
                    budget.accept(bytes);
                };
        this.lineStart = text.position();
    }

    /**
     * {@return the value of a file of at most 4 MiB}
     *
     * @throws JsonException if the file cannot be read, is too large or is not one JSON value
     */
    public static Json read(Path file) {
        try (var in = Files.newInputStream(file)) {
            return read(in.readNBytes(MAX_SIZE + 1), file.toString(), MAX_SIZE);
        } catch (IOException e) {
            throw JsonException.unreadable(file, e);
        }
    }

    /**
     * {@return the value of a text of at most 4 MiB}
     *
     * @param text the document
     * @param source its name in messages
     * @throws JsonException if it is too large or is not one JSON value
     */
    public static Json parse(String text, String source) {
        return parse(text, source, MAX_SIZE);
    }

    /**
     * {@return the value of a text}
     *
     * @param text the document
     * @param source its name in messages
     * @param maxSize the largest number of bytes in UTF-8
     * @throws JsonException if it is too large or is not one JSON value
     */
    public static Json parse(String text, String source, int maxSize) {
        return read(text.getBytes(StandardCharsets.UTF_8), source, maxSize);
    }

    private static Json read(byte[] text, String source, int maxSize) {
        if (text.length > maxSize) {
            throw new JsonException(source, 1, "larger than " + (maxSize >> 20) + " MiB", null);
        }
        ByteBuffer in = ByteBuffer.wrap(text);
        int mark = BYTE_ORDER_MARK.remaining();
        if (text.length >= mark && in.slice(0, mark).equals(BYTE_ORDER_MARK)) {
            in.position(mark);
        }
        return read(in, source, bytes -> {});
    }

    /**
     * Reads a text that may be malicious.
     *
     * @param text UTF-8 from the position of the buffer to its limit
     * @param source its name in messages
     * @param budget receives the number of bytes that the next part of the value needs, before they
     *     are allocated; it throws to refuse them
     * @return the value
     * @throws JsonException if it is not one JSON value
     */
    public static Json read(ByteBuffer text, String source, LongConsumer budget) {
        return new JsonReader(source, text, budget, null).document();
    }

    /**
     * Reads an object of long arrays. The tree keeps no element of them.
     *
     * @param text as for {@link #read(ByteBuffer, String, LongConsumer)}
     * @param source its name in messages
     * @param budget as for the other method; it receives a negative number after each element
     * @param elements receives each element of the object's arrays with its path
     * @return the object, in which these arrays are empty
     * @throws JsonException if the text is not one JSON value
     */
    public static Json read(
            ByteBuffer text,
            String source,
            LongConsumer budget,
            BiConsumer<JsonPath, Json> elements) {
        return new JsonReader(source, text, budget, elements).document();
    }

    private Json document() {
        if (atEnd()) {
            line = 1;
            throw document("expected a JSON value, got an empty document");
        }
        Json value = value();
        if (!atEnd()) {
            throw document("expected the end of the document, got more");
        }
        return value;
    }

    private Json value() {
        int start = peek();
        int first = line;
        budget.accept(OBJECT);
        return switch (start) {
            case '{' -> new Json.Obj(first, members());
            case '[' -> new Json.Arr(first, items());
            case '"' -> new Json.Str(first, string());
            default -> token(start, first);
        };
    }

    private Map<String, Json> members() {
        JsonPath outer = enter('{');
        Map<String, Json> members = new LinkedHashMap<>();
        if (!accept('}')) {
            do {
                peek();
                int keyLine = line;
                String key = string();
                if (members.containsKey(key)) {
                    throw outer.error(keyLine, "duplicate key " + JsonText.quote(key));
                }
                expect(':', "':'");
                path = outer.key(key);
                members.put(key, value());
            } while (accept(','));
            expect('}', "',' or '}'");
        }
        path = outer;
        depth--;
        return members;
    }

    private List<Json> items() {
        JsonPath outer = enter('[');
        List<Json> items = new ArrayList<>();
        if (!accept(']')) {
            int index = 0;
            do {
                path = outer.index(index++);
                long before = used;
                Json item = value();
                if (elements != null && depth == 2) {
                    elements.accept(path, item);
                    budget.accept(before - used);
                } else {
                    items.add(item);
                }
            } while (accept(','));
            expect(']', "',' or ']'");
        }
        path = outer;
        depth--;
        return items;
    }

    private JsonPath enter(char bracket) {
        expect(bracket, "'" + bracket + "'");
        budget.accept(4 * OBJECT);
        if (++depth > MAX_DEPTH) {
            throw document("nested deeper than " + MAX_DEPTH + " levels");
        }
        return path;
    }

    private String string() {
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

    private Json token(int first, int line) {
        int start = in.position();
        int end = start;
        while (end < in.limit() && isTokenPart(in.get(end))) {
            end++;
        }
        budget.accept(2 * OBJECT);
        String text = ascii(start, Math.min(end, start + MAX_NUMBER + 1));
        if (!matcher.reset(text).matches()) {
            String found = text.isEmpty() ? JsonText.describe(first) : JsonText.quote(text);
            throw error("expected a value, found " + found);
        }
        int length = end - start;
        if (length > MAX_NUMBER) {
            throw path.error(
                    line, "a number has at most " + MAX_NUMBER + " characters, got " + length);
        }
        in.position(end);
        return switch (text) {
            case "true", "false" -> new Json.Bool(line, text.equals("true"));
            case "null" -> new Json.Null(line);
            default -> new Json.Num(line, text);
        };
    }

    private boolean atEnd() {
        skipSpace();
        return !in.hasRemaining();
    }

    private void expect(char wanted, String accepted) {
        int found = peek();
        if (found != wanted) {
            throw error("expected " + accepted + ", found " + JsonText.describe(found));
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
            throw error(JsonText.oneLine("the JSON must be complete, found its end in " + path));
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
        return "+-.".indexOf(c) >= 0
                || c >= '0' && c <= '9'
                || (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
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
        return document("malformed JSON at column " + column + ": " + problem);
    }

    /** Creates an error of the document itself, which has no path. */
    private JsonException document(String problem) {
        return new JsonException(path.source(), line, problem, null);
    }
}
