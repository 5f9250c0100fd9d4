package io.residuum.data;

import io.residuum.ResiduumException;

/**
 * Thrown if data is missing, unreadable or of another kind than expected. The message names the
 * file (and the record in it), what was expected, what was found, and what to do.
 */
public final class DataException extends ResiduumException {
    /** Creates an exception; the message says what was expected, what was found, and what to do. */
    public DataException(String message) {
        super(message);
    }

    /** Creates an exception with the underlying failure. */
    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
