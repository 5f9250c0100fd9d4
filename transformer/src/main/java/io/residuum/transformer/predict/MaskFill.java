package io.residuum.transformer.predict;

/**
 * A token for a mask.
 *
 * @param mask the index of the mask in the text, from 0
 * @param token the id of the token
 * @param text the token's text, empty for a special token
 * @param score its probability
 * @param sequence the whole text with the token
 */
public record MaskFill(int mask, int token, String text, double score, String sequence) {}
