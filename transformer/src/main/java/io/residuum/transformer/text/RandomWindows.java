package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.data.DataException;
import io.residuum.data.Seeds;
import java.util.SplittableRandom;

/**
 * Random windows of a text, for training. Their positions depend only on the seed, the epoch and
 * the batch index, so that a resumed run reads the same text.
 *
 * @param tokens the text
 * @param length the number of tokens T that a model reads. A window has one more, so that each of
 *     the T tokens has a next one
 * @param seed the seed of the positions
 */
public record RandomWindows(TokenStream tokens, int length, long seed) {

    /** Checks that the text is long enough. */
    public RandomWindows {
        checkArgument(length > 0, "a window must have at least 1 token, got %s", length);
        if (tokens.size() <= length) {
            throw new DataException(
                    String.format(
                            "the text must have at least %d tokens to train on windows of %d, found"
                                    + " %d; use a longer text or a shorter context",
                            length + 1L, length, tokens.size()));
        }
    }

    /**
     * Reads one batch.
     *
     * @param epoch the epoch, from 0
     * @param batch the index of the batch in the epoch, from 0
     * @param count the number of windows N
     * @return ids, (N, T + 1) in row-major order: [0, T) are the input, [1, T + 1) are the labels
     */
    public long[] batch(long epoch, long batch, int count) {
        SplittableRandom random = Seeds.random(seed, epoch, batch);
        long[] ids = new long[Math.multiplyExact(count, length + 1)];
        int[] window = new int[length + 1];
        for (int row = 0; row < count; row++) {
            tokens.read(random.nextLong(tokens.size() - length), window, 0, window.length);
            for (int i = 0; i < window.length; i++) {
                ids[row * window.length + i] = window[i];
            }
        }
        return ids;
    }
}
