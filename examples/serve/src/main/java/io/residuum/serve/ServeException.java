package io.residuum.serve;

import io.residuum.ResiduumException;

/** A server that cannot be started. */
public final class ServeException extends ResiduumException {
    private static final long serialVersionUID = 1L;

    ServeException(String message, Throwable cause) {
        super(message, cause);
    }
}
