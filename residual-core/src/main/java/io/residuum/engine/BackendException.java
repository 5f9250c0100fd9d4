package io.residuum.engine;

import io.residuum.ResiduumException;

/** An engine or device that cannot be had: the message says what was looked for and what to do. */
public final class BackendException extends ResiduumException {
    private static final long serialVersionUID = 1L;

    BackendException(String message) {
        super(message);
    }

    BackendException(String message, Throwable cause) {
        super(message, cause);
    }
}
