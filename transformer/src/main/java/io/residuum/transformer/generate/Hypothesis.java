package io.residuum.transformer.generate;

/**
 * A text that a beam search found.
 *
 * @param continuation the text
 * @param score its log-probability divided by a power of its length
 */
public record Hypothesis(Continuation continuation, double score) {}
