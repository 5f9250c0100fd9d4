package io.residuum.serve;

import io.residuum.spec.Check;
import io.residuum.spec.WithBuilder;
import io.residuum.transformer.generate.BatchOptions;
import java.time.Duration;

/**
 * The settings of micro-batching: requests that wait at the same time share a forward pass.
 *
 * @param size the largest number of samples in a forward pass, positive
 * @param positions the largest product of the number of texts that are generated together and the
 *     length of the longest one, positive; it bounds the memory of the KV cache
 * @param delay how long a sample waits for others before its forward pass; 0 takes only those that
 *     wait already
 * @param queue the largest number of samples that wait, positive
 * @param whenFull what happens to a request when the queue is full
 * @param timeout the longest time from the arrival of a sample to its result
 */
@WithBuilder
public record Batching(
        int size, int positions, Duration delay, int queue, WhenFull whenFull, Duration timeout)
        implements BatchingBuilder.With {

    /** The answer to a request when the queue is full. */
    public enum WhenFull {
        /** The client gets status 429 at once. */
        REJECT,
        /** The request waits for a place until the timeout. */
        WAIT
    }

    /** Up to 32 samples, 32,768 positions, 2 ms delay, 256 places, 429 when full, 60 seconds. */
    public static final Batching DEFAULT =
            new Batching(
                    32,
                    BatchOptions.DEFAULT.positions(),
                    Duration.ofMillis(2),
                    256,
                    WhenFull.REJECT,
                    Duration.ofSeconds(60));

    public Batching {
        Check.positive("size", size);
        Check.positive("positions", positions);
        Check.positive("queue", queue);
        Check.that(!delay.isNegative(), "delay must be 0 or more, got %s", delay);
        Check.that(
                !timeout.isNegative() && !timeout.isZero(),
                "timeout must be positive, got %s",
                timeout);
    }
}
