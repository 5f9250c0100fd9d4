package io.residuum.serve;

import io.residuum.ResiduumException;

/** A server that cannot be started. */
public final class ServeException extends ResiduumException {
    ServeException(String message, Throwable cause) {
        super(message, cause);
    }
}
