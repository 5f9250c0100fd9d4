package io.residuum.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A failure of a transfer after which another attempt may succeed. */
final class TemporaryFailure extends IOException {
    private final transient Optional<Duration> delay;

    TemporaryFailure(String message) {
        this(message, Optional.empty());
    }

    /** Creates a failure after which the server asks to wait. */
    TemporaryFailure(String message, Optional<Duration> delay) {
        super(message);
        this.delay = delay;
    }

    Optional<Duration> delay() {
        return delay;
    }
}
