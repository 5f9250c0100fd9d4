package io.residuum.hub;

import io.residuum.ResiduumException;
import org.jspecify.annotations.Nullable;

/** Thrown if a remote file cannot be found, downloaded, verified or stored. */
public final class HubException extends ResiduumException {
    /**
     * Creates an exception.
     *
     * @param message the remote file, the invariant, the value found and the fix
     */
    public HubException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message the remote file, the invariant, the value found and the fix
     * @param cause the underlying failure; null if there is none
     */
    public HubException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
