package io.residuum.transformer.predict;

/**
 * A part of a text that answers a question.
 *
 * @param answer the part
 * @param score the probability of its first token times that of its last one, among the tokens of
 *     its window
 * @param start the index of its first character in the context
 * @param end the index after its last character
 */
public record Answer(String answer, double score, int start, int end) {}
