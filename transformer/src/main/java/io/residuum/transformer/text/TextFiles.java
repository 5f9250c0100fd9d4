package io.residuum.transformer.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.residuum.data.DataException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads small files completely, with error messages of one line. */
final class TextFiles {
    static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private TextFiles() {}

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (MalformedInputException e) {
            throw new DataException(file + ": must be text in UTF-8", e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    static byte[] readBytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /**
     * Parses JSON.
     *
     * @param source the name of the source, for errors
     */
    static JsonNode parse(String json, String source) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new DataException(
                    String.format(
                            "%s: must be JSON, but line %d, column %d: %s",
                            source,
                            e.getLocation().getLineNr(),
                            e.getLocation().getColumnNr(),
                            firstLine(e.getOriginalMessage())),
                    e);
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
