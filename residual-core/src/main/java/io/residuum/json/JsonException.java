package io.residuum.json;

import io.residuum.ResiduumException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown for text that is not the expected JSON, with the message {@code source:line: $.path:
 * problem}.
 */
public final class JsonException extends ResiduumException {
    private static final long serialVersionUID = 1L;

    private final String detail;

    JsonException(String message, Throwable cause) {
        super(message, cause);
        this.detail = message;
    }

    JsonException(String source, int line, String problem, @Nullable Throwable cause) {
        super(JsonText.oneLine(source) + ":" + line + ": " + problem, cause);
        this.detail = line + ": " + problem;
    }

    /** {@return the message without the source, {@code line: $.path: problem}} */
    public String detail() {
        return detail;
    }
}
