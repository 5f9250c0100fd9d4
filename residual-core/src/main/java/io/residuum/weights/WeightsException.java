package io.residuum.weights;

import io.residuum.files.FileErrors;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Weights that cannot be read, written or used: one line that names the file, the invariant, the
 * value found and, where there is one, the fix.
 */
public final class WeightsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what must hold, what was found, and what to do
     */
    public WeightsException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message what must hold, what was found, and what to do
     * @param cause the underlying failure
     */
    public WeightsException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Creates an exception about the contents of a file.
     *
     * @param file the file
     * @param problem what must hold, what was found, and what to do
     * @return the exception, with the message {@code file: problem}
     */
    public static WeightsException in(Path file, String problem) {
        return new WeightsException(file + ": " + problem);
    }

    /**
     * Creates an exception about a file that the system failed to read.
     *
     * @param file the file
     * @param cause the system's answer
     * @return the exception, with the message {@code file: reason}
     */
    public static WeightsException in(Path file, IOException cause) {
        return new WeightsException(file + ": cannot be read: " + FileErrors.reason(cause), cause);
    }
}
