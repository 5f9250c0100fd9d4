package io.residuum.transformer.text.encode;

/**
 * The tokens that a model reads: those of one or two texts and special tokens.
 *
 * @param ids the id of each token
 * @param segments the segment of each token (token type)
 * @param texts the text of each token, 0 or 1; -1 for special tokens
 * @param tokens the index of each token in the {@link Encoding} of its text; -1 for special tokens
 */
public record ModelInput(int[] ids, int[] segments, int[] texts, int[] tokens) {

    /** {@return the number of tokens} */
    public int size() {
        return ids.length;
    }
}
