package io.residuum.engine;

import io.residuum.ResiduumException;

/** An engine or device is not available. The message names what was tried and the fix. */
public final class BackendException extends ResiduumException {
    BackendException(String message) {
        super(message);
    }

    BackendException(String message, Throwable cause) {
        super(message, cause);
    }
}
