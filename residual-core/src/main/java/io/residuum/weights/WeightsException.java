package io.residuum.weights;

import io.residuum.ResiduumException;
import io.residuum.files.FileErrors;
import io.residuum.json.JsonText;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Thrown if weights cannot be read, written or used. The message is one line with the file, the
 * invariant, the value found and the fix, if any.
 */
public final class WeightsException extends ResiduumException {
    /**
     * Creates an exception.
     *
     * @param message the invariant, the value found and the fix
     */
    public WeightsException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message the invariant, the value found and the fix
     * @param cause the underlying failure
     */
    public WeightsException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * {@return an exception with the message {@code file: problem}}
     *
     * @param problem the invariant, the value found and the fix
     */
    public static WeightsException in(Path file, String problem) {
        return new WeightsException(file + ": " + problem);
    }

    /**
     * {@return an exception with the message {@code file: cannot be read: reason}}
     *
     * @param cause the failure of the system
     */
    public static WeightsException in(Path file, IOException cause) {
        return new WeightsException(file + ": cannot be read: " + FileErrors.reason(cause), cause);
    }

    static WeightsException tensor(String name, String problem) {
        return new WeightsException("tensor " + JsonText.quote(name) + ": " + problem);
    }
}
