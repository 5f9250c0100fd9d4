package io.residuum.transformer.generate;

import io.residuum.spec.Check;
import io.residuum.spec.WithBuilder;

/**
 * The limits of {@link ContinuousBatching}. One text may always run, whatever it needs.
 *
 * @param texts the largest number of texts that run, positive
 * @param positions the largest product of the number of running texts and the length of the longest
 *     one, prompt and {@code maxTokens} included; positive. It bounds the memory of the KV cache,
 *     which may hold twice as many because of padding
 * @param waiting the largest number of texts that wait, positive. A call with more texts than that
 *     gets a place if nothing else waits
 */
@WithBuilder
public record BatchOptions(int texts, int positions, int waiting)
        implements BatchOptionsBuilder.With {

    /** Up to 32 texts, 32,768 positions, and 256 texts that wait. */
    public static final BatchOptions DEFAULT = new BatchOptions(32, 32_768, 256);

    public BatchOptions {
        Check.positive("texts", texts);
        Check.positive("positions", positions);
        Check.positive("waiting", waiting);
    }
}
