package io.residuum.compile;

/** Thrown with the reason why there is no usable program. */
final class NotCompiledException extends RuntimeException {
    NotCompiledException(String reason) {
        super(reason);
    }
}
