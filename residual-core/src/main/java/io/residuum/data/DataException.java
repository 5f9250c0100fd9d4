package io.residuum.data;

import io.residuum.ResiduumException;

/**
 * Data that is not there, cannot be read, or is not what it claims to be. The message names the
 * file (and the record in it), what was expected, what was found, and what to do.
 */
public final class DataException extends ResiduumException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what was expected, what was found, and what to do
     */
    public DataException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message what was expected, what was found, and what to do
     * @param cause the underlying failure
     */
    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
