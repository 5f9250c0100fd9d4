package io.residuum.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads documents as trees: strict JSON (RFC 8259) in UTF-8, with or without a byte order mark. */
public final class JsonReader {
    private static final int MAX_SIZE = 4 << 20;
    private static final ByteBuffer BYTE_ORDER_MARK = StandardCharsets.UTF_8.encode("\uFEFF");

    private JsonReader() {}

    /**
     * Reads a file of at most 4 MiB.
     *
     * @param file the file
     * @return its value
     * @throws JsonException if the file cannot be read, is too large or is not one JSON value
     */
    public static Json read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return parse(in.readNBytes(MAX_SIZE + 1), file.toString(), MAX_SIZE);
        } catch (IOException e) {
            String message = JsonText.oneLine(file + ": " + reason(file, e));
            throw new JsonException("", 0, 0, message, e);
        }
    }

    /**
     * Parses a text of at most 4 MiB.
     *
     * @param text the document
     * @param source what messages call it
     * @return its value
     * @throws JsonException if it is too large or is not one JSON value
     */
    public static Json parse(String text, String source) {
        return parse(text, source, MAX_SIZE);
    }

    /**
     * Parses a text.
     *
     * @param text the document
     * @param source what messages call it
     * @param maxSize its largest number of bytes in UTF-8
     * @return its value
     * @throws JsonException if it is too large or is not one JSON value
     */
    public static Json parse(String text, String source, int maxSize) {
        return parse(text.getBytes(StandardCharsets.UTF_8), source, maxSize);
    }

    private static Json parse(byte[] text, String source, int maxSize) {
        if (text.length > maxSize) {
            String place = JsonText.oneLine(source) + ":1: ";
            throw new JsonException(place, 1, 1, "larger than " + (maxSize >> 20) + " MiB", null);
        }
        ByteBuffer in = ByteBuffer.wrap(text);
        int mark = BYTE_ORDER_MARK.remaining();
        if (text.length >= mark && in.slice(0, mark).equals(BYTE_ORDER_MARK)) {
            in.position(mark);
        }
        JsonCursor cursor = new JsonCursor(source, in, bytes -> {}, false);
        cursor.begin();
        Json value = cursor.value();
        cursor.end();
        return value;
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
}
