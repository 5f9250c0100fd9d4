package io.residuum;

import org.jspecify.annotations.Nullable;

/**
 * A failure that the user can mend: the message names the invariant, the value found and the fix.
 * Its subclasses say what failed: a spec, weights, data, training, the engine, or capturing a
 * graph.
 */
public abstract class ResiduumException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message the invariant, the value found and the fix
     */
    protected ResiduumException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message the invariant, the value found and the fix
     * @param cause the underlying failure; null if there is none
     */
    protected ResiduumException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
