package io.residuum.compile;

/** Thrown with the reason why there is no usable program. */
final class NotCompiledException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotCompiledException(String reason) {
        super(reason);
    }
}
