package io.residuum.transformer.generate;

import java.time.Duration;

/** Receives what {@link ContinuousBatching} does, for metrics, in the computing thread. */
public interface BatchObserver {
    /** An observer that does nothing. */
    BatchObserver NONE = new BatchObserver() {};

    /**
     * Receives that a text joins the batch.
     *
     * @param promptTokens the number of tokens of its prompt
     * @param waited the time since its arrival
     */
    default void joined(int promptTokens, Duration waited) {}

    /**
     * Receives that the batch has computed the next token of each text. A beam search does not
     * report its steps.
     *
     * @param texts the number of texts
     */
    default void stepped(int texts) {}
}
