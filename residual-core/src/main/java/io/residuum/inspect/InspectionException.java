package io.residuum.inspect;

import io.residuum.ResiduumException;

/** Signals that an analysis does not fit a network or its data. */
public final class InspectionException extends ResiduumException {
    /**
     * Creates the exception.
     *
     * @param message what must hold, what was found, and how to mend it
     */
    public InspectionException(String message) {
        super(message);
    }
}
