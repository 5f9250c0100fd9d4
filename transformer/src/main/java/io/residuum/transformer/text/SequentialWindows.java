package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.data.DataException;
import java.util.Objects;

/**
 * Consecutive windows over a complete text, for measuring perplexity. Every token except the first
 * is scored exactly once; the first has no context.
 *
 * <p>All windows have the same length. All tokens of the first window are scored, and only the new
 * tokens of each later one. With a stride below the length, windows overlap and tokens are scored
 * with more context. The result is closer to the model's true perplexity, for length / stride times
 * the work. The last window is shifted to end with the text.
 */
public final class SequentialWindows {
    private final TokenStream tokens;
    private final int length;
    private final int stride;

    /**
     * Creates windows.
     *
     * @param tokens the text, at least 2 tokens
     * @param length the number of tokens T that the model reads; limited to the length of the text
     *     minus 1
     * @param stride the number of new tokens in each window, in [1, length]. With {@code length},
     *     windows do not overlap
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
                    "a text to evaluate on must have at least 2 tokens, found %d: use a longer text"
                            .formatted(tokens.size()));
        }
        this.tokens = tokens;
        this.length = (int) Math.min(length, tokens.size() - 1);
        this.stride = stride;
    }

    /**
     * Returns the number of tokens that the model reads in each window.
     *
     * @return T
     */
    public int length() {
        return length;
    }

    /**
     * Returns the number of windows.
     *
     * @return the number of windows, at least 1
     */
    public long count() {
        return 1 + ceilDiv(scoredTokens() - length, stride);
    }

    /**
     * Returns the number of tokens that all windows score.
     *
     * @return the number of tokens of the text minus 1
     */
    public long scoredTokens() {
        return tokens.size() - 1;
    }

    /**
     * Returns the number of scored tokens of a window.
     *
     * @param window the index of the window, in [0, count)
     * @return n: the last n of the window's T predictions are scored
     */
    public int scored(long window) {
        Objects.checkIndex(window, count());
        return (int) (window == 0 ? length : end(window) - end(window - 1));
    }

    /** Returns the number of predictions up to the end of a window. */
    private long end(long window) {
        return Math.min(length + window * stride, scoredTokens());
    }

    /**
     * Reads windows.
     *
     * @param first the index of the first window
     * @param windows the number of windows N; all indices must be in [0, count)
     * @return ids, (N, T + 1) in row-major order: [0, T) are the input, [1, T + 1) are the labels
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
