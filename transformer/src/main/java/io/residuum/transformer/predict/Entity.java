package io.residuum.transformer.predict;

/**
 * A tagged part of a text.
 *
 * @param label the tag; without {@code B-} and {@code I-} if tokens are joined
 * @param score the probability of the tag, the mean over joined words or tokens
 * @param word the part as the tokenizer writes it
 * @param start the index of its first character
 * @param end the index after its last character
 */
public record Entity(String label, double score, String word, int start, int end) {}
