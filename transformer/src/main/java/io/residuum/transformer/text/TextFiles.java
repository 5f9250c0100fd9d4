package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads small files completely, with error messages of one line. */
final class TextFiles {
    private TextFiles() {}

    static byte[] readBytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    static Json readJson(Path file) {
        return parse(Utf8.read(file), file.toString());
    }

    /**
     * Parses JSON of any length.
     *
     * @param source the name of the source, for errors
     */
    static Json parse(String json, String source) {
        try {
            return JsonReader.parse(json, source, Integer.MAX_VALUE);
        } catch (JsonException e) {
            throw new DataException(source + ": must be JSON, but line " + e.detail(), e);
        }
    }

    static DataException unreadable(Path file, IOException e) {
        String reason = String.valueOf(e.getMessage());
        if (e instanceof NoSuchFileException) {
            reason = "no such file";
        } else if (e instanceof AccessDeniedException) {
            reason = "permission denied";
        }
        return new DataException(file + ": cannot be read: " + reason, e);
    }

    static String firstLine(String message) {
        return message.lines().findFirst().orElse("").strip();
    }
}
