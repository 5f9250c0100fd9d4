package io.residuum.train;

import io.residuum.ResiduumException;

/**
 * Training that cannot begin, go on or be resumed: the message names the invariant, what was found
 * and the fix.
 */
public final class TrainingException extends ResiduumException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what must hold, what was found, and what to do
     */
    public TrainingException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message what must hold, what was found, and what to do
     * @param cause the underlying failure
     */
    public TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}
