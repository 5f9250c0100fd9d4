package io.residuum.compile;

/** A program that is of no use, and why. */
final class NotCompiledException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotCompiledException(String reason) {
        super(reason);
    }
}
