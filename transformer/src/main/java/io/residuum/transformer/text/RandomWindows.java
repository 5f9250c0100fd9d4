package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.data.DataException;
import io.residuum.data.Seeds;
import java.util.SplittableRandom;

/**
 * Windows at random places of a text, to train on. Where they are follows from the seed, the epoch
 * and the number of the batch alone, so that a run that goes on later sees the same text.
 *
 * @param tokens the text
 * @param length the number of tokens T that a model reads; a window has one more, so that each of
 *     them has a next one
 * @param seed of the places
 */
public record RandomWindows(TokenStream tokens, int length, long seed) {

    /** Checks that the text is long enough. */
    public RandomWindows {
        checkArgument(length > 0, "a window must have at least 1 token, got %s", length);
        if (tokens.size() <= length) {
            throw new DataException(
                    String.format(
                            "the text must have at least %d tokens to train on windows of %d, found"
                                    + " %d: give a longer text, or choose a shorter context",
                            length + 1L, length, tokens.size()));
        }
    }

    /**
     * Reads one batch.
     *
     * @param epoch from 0 on
     * @param batch its number in the epoch, from 0 on
     * @param count the number of windows N
     * @return ids, (N, T + 1) row after row: [0, T) are the input, [1, T + 1) what to predict
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
