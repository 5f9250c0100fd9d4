package io.residuum;

import org.jspecify.annotations.Nullable;

/**
 * A failure that the user can fix. Its subclasses name what failed: a spec, weights, data,
 * training, the engine, or capturing a graph.
 */
public abstract class ResiduumException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception; the message names the invariant, the value found and the fix. */
    protected ResiduumException(String message) {
        super(message);
    }

    /** Creates an exception with the underlying failure; null if there is none. */
    protected ResiduumException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
