package io.residuum.graph.trace;

import io.residuum.ResiduumException;

/** A network that cannot be captured as a graph, and why. */
public final class CaptureException extends ResiduumException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message the layer, the operation, and what to use instead
     */
    public CaptureException(String message) {
        super(message);
    }
}
