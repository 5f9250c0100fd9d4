package io.residuum.loss;

import io.residuum.ResiduumException;

/** Thrown if a loss, an output and its targets do not fit. */
public final class LossException extends ResiduumException {
    /**
     * Creates an exception.
     *
     * @param message what must hold, what was found, and what to do
     */
    public LossException(String message) {
        super(message);
    }
}
