package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.data.DataException;
import java.util.Objects;

/**
 * Windows over a whole text, in order, to measure a model's perplexity. Every token but the first,
 * which nothing comes before, is scored exactly once.
 *
 * <p>All windows have the same length. The first is scored whole; of each later one only the tokens
 * that are new. With a stride below the length windows overlap, and tokens are scored with more
 * text ahead of them: closer to the model's true perplexity, for length / stride times the work.
 * The last window is moved back to end with the text.
 */
public final class SequentialWindows {
    private final TokenStream tokens;
    private final int length;
    private final int stride;

    /**
     * Creates windows.
     *
     * @param tokens the text, of at least 2 tokens
     * @param length the number of tokens T that the model reads; less where the text is shorter
     * @param stride how many new tokens each window has, in [1, length]; the length gives windows
     *     that do not overlap
     * @throws DataException if the text is shorter than 2 tokens
     */
    public SequentialWindows(TokenStream tokens, int length, int stride) {
        checkArgument(length > 0, "a window must have at least 1 token, got %s", length);
        checkArgument(
                stride > 0 && stride <= length,
                "stride must be in [1, %s], got %s",
                length,
                stride);
        if (tokens.size() < 2) {
            throw new DataException(
                    "a text to evaluate on must have at least 2 tokens, found " + tokens.size());
        }
        this.tokens = tokens;
        this.length = (int) Math.min(length, tokens.size() - 1);
        this.stride = stride;
    }

    /**
     * The number of tokens that the model reads in each window.
     *
     * @return T
     */
    public int length() {
        return length;
    }

    /**
     * The number of windows.
     *
     * @return at least 1
     */
    public long count() {
        return 1 + ceilDiv(scoredTokens() - length, stride);
    }

    /**
     * The number of tokens that all windows score together.
     *
     * @return the text's tokens but one
     */
    public long scoredTokens() {
        return tokens.size() - 1;
    }

    /**
     * How much of a window is scored.
     *
     * @param window in [0, count)
     * @return of its T predictions, the last that many
     */
    public int scored(long window) {
        Objects.checkIndex(window, count());
        return (int) (window == 0 ? length : end(window) - end(window - 1));
    }

    /** The number of predictions up to the end of a window. */
    private long end(long window) {
        return Math.min(length + window * stride, scoredTokens());
    }

    /**
     * Reads windows.
     *
     * @param first the first window
     * @param windows the number of windows N, all in [0, count)
     * @return ids, (N, T + 1) row after row: [0, T) are the input, [1, T + 1) what to predict
     */
    public long[] batch(long first, int windows) {
        Objects.checkFromIndexSize(first, windows, count());
        long[] ids = new long[Math.multiplyExact(windows, length + 1)];
        int[] window = new int[length + 1];
        for (int row = 0; row < windows; row++) {
            tokens.read(end(first + row) - length, window, 0, window.length);
            for (int i = 0; i < window.length; i++) {
                ids[row * window.length + i] = window[i];
            }
        }
        return ids;
    }

    private static long ceilDiv(long a, long b) {
        return (a + b - 1) / b;
    }
}
