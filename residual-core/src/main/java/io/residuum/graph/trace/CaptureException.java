package io.residuum.graph.trace;

import io.residuum.ResiduumException;

/** Thrown if a network cannot be captured as a graph. */
public final class CaptureException extends ResiduumException {
    /**
     * Creates the exception.
     *
     * @param message the layer, the operation, and what to use instead
     */
    public CaptureException(String message) {
        super(message);
    }
}
