package io.residuum.json;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.residuum.spec.SpecException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Text to a located tree: RFC 8259 to the letter, unique keys, one value, bounded size and depth.
 */
public final class JsonReader {
    static final int MAX_SIZE = 4 << 20;
    static final int MAX_DEPTH = 200;
    static final int MAX_NUMBER = 100;
    private static final String TOO_LARGE = "larger than " + (MAX_SIZE >> 20) + " MiB";

    // Jackson's own limits come after ours, whose messages speak of specs. Symbol tables off: keys
    // are the
    // author's, and a document made of colliding keys must not cost more than its length.
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH + 1)
                                    .maxNumberLength(MAX_SIZE)
                                    .maxStringLength(MAX_SIZE)
                                    .maxNameLength(MAX_SIZE)
                                    .build())
                    .build();

    private static final Pattern OPENED =
            Pattern.compile(
                    " \\((?:start marker|for \\w+ starting) at \\[Source[^\\]]*line:"
                            + " (\\d+)[^\\]]*\\]\\)");
    private static final Pattern NOISE =
            Pattern.compile(
                    " \\(code \\d+[^)]*\\)| \\(not recognized as one[^)]*\\)|: enable `[^`]*` to"
                            + " allow");

    private final JsonParser parser;

    private JsonReader(JsonParser parser) {
        this.parser = parser;
    }

    /**
     * Reads a file.
     *
     * @throws SpecException if it cannot be read, is too large or is not UTF-8
     */
    public static String text(Path file) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_SIZE + 1);
        } catch (IOException e) {
            throw new SpecException(JsonText.oneLine(file + ": " + reason(file, e)), e);
        }
        if (bytes.length > MAX_SIZE) {
            throw document(file.toString(), 1, TOO_LARGE);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult end = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        String text = out.flip().toString();
        if (end.isError()) {
            int line = 1 + (int) text.chars().filter(c -> c == '\n').count();
            throw document(file.toString(), line, "not UTF-8 text at byte " + in.position());
        }
        return text;
    }

    /**
     * Parses a document. A byte order mark before it is skipped, as RFC 8259 allows.
     *
     * @param text the document
     * @param source what messages call it
     * @throws SpecException if it is not one JSON value
     */
    public static Json parse(String text, String source) {
        if (text.length() > MAX_SIZE) {
            throw document(source, 1, TOO_LARGE);
        }
        String document = text.startsWith("\uFEFF") ? text.substring(1) : text;
        try (JsonParser parser = FACTORY.createParser(document)) {
            if (parser.nextToken() == null) {
                throw document(source, 1, "expected a JSON value, got an empty document");
            }
            JsonReader reader = new JsonReader(parser);
            Json value = reader.value(JsonPath.root(source), 1);
            if (parser.nextToken() != null) {
                throw document(source, reader.line(), "expected the end of the document, got more");
            }
            return value;
        } catch (JacksonException e) {
            throw malformed(source, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Json value(JsonPath where, int depth) throws IOException {
        int line = line();
        if (depth > MAX_DEPTH) {
            throw document(where.source(), line, "nested deeper than " + MAX_DEPTH + " levels");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(where, depth, line);
            case START_ARRAY -> array(where, depth, line);
            case VALUE_STRING -> new Json.Str(line, parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(where, line);
            case VALUE_TRUE -> new Json.Bool(line, true);
            case VALUE_FALSE -> new Json.Bool(line, false);
            case VALUE_NULL -> new Json.Null(line);
            default -> throw new IllegalStateException("token " + parser.currentToken());
        };
    }

    private Json object(JsonPath where, int depth, int line) throws IOException {
        Map<String, Json> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            if (members.containsKey(key)) {
                throw where.error(line(), "duplicate key " + JsonText.quote(key));
            }
            parser.nextToken();
            members.put(key, value(where.key(key), depth + 1));
        }
        return new Json.Obj(line, members);
    }

    private Json array(JsonPath where, int depth, int line) throws IOException {
        List<Json> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(where.index(items.size()), depth + 1));
        }
        return new Json.Arr(line, items);
    }

    private Json number(JsonPath where, int line) throws IOException {
        String text = parser.getText();
        if (text.length() > MAX_NUMBER) {
            throw where.error(
                    line,
                    "a number has at most " + MAX_NUMBER + " characters, got " + text.length());
        }
        return new Json.Num(line, text);
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }

    private static String reason(Path file, IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "may not be read (access denied)";
        }
        if (Files.isDirectory(file)) {
            return "expected a file, got a directory";
        }
        return "cannot be read: " + e.getMessage();
    }

    private static SpecException malformed(String source, JacksonException e) {
        String message = OPENED.matcher(e.getOriginalMessage()).replaceAll(" (opened on line $1)");
        String text = JsonText.oneLine(NOISE.matcher(message).replaceAll(""));
        int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
        int column = e.getLocation() == null ? 1 : e.getLocation().getColumnNr();
        return document(source, line, "malformed JSON at column " + column + ": " + text);
    }

    /** An error of the document as a whole, which has no path. */
    private static SpecException document(String source, int line, String message) {
        return new SpecException(JsonText.oneLine(source) + ":" + line + ": " + message);
    }
}
