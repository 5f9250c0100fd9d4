package io.residuum.json;

import io.residuum.ResiduumException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Thrown for text that is not the expected JSON, with the message {@code source:line: $.path:
 * problem}.
 */
public final class JsonException extends ResiduumException {
    private final String detail;

    JsonException(String message, Throwable cause) {
        super(message, cause);
        this.detail = message;
    }

    JsonException(String source, int line, String problem, @Nullable Throwable cause) {
        // A value that was not read from a text has no line.
        super(JsonText.oneLine(source) + (line == 0 ? "" : ":" + line) + ": " + problem, cause);
        this.detail = line + ": " + problem;
    }

    /** Creates an exception about a file that cannot be read. */
    static JsonException unreadable(Path file, IOException e) {
        return new JsonException(JsonText.oneLine(file + ": " + reason(file, e)), e);
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

    /** {@return the message without the source, {@code line: $.path: problem}} */
    public String detail() {
        return detail;
    }
}
