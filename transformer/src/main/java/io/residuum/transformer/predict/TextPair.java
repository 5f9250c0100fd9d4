package io.residuum.transformer.predict;

/**
 * Two texts that a model reads as one input.
 *
 * @param first the first text, such as a premise or a query
 * @param second the second text, such as a hypothesis or a passage
 */
public record TextPair(String first, String second) {}
