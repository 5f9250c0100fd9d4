package io.residuum.spec;

/**
 * A spec that cannot be: the message names the invariant, the value found and the fix, and, where the spec came from
 * a file, begins with {@code file:line: $.path: }.
 */
public final class SpecException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what must hold, what was found, and what to do
     */
    public SpecException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message what must hold, what was found, and what to do
     * @param cause the underlying failure
     */
    public SpecException(String message, Throwable cause) {
        super(message, cause);
    }
}
