package io.residuum.metric;

import io.residuum.ResiduumException;

/** Thrown if a metric cannot measure an output. */
public final class MetricException extends ResiduumException {
    /**
     * Creates an exception.
     *
     * @param message what must hold, what was found, and what to do
     */
    public MetricException(String message) {
        super(message);
    }
}
