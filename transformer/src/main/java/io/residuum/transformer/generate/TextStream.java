package io.residuum.transformer.generate;

import io.residuum.transformer.text.Tokenizer;
import java.util.Arrays;
import java.util.List;

/** The text of one sequence as its tokens come: what can be shown, and where it stops. */
final class TextStream {
    /** Bytes of a character whose rest is still to come. */
    private static final char INCOMPLETE = '\uFFFD';

    /** Tokenizers treat the beginning of a text in a way of its own: so it is not begun anew. */
    private static final int CONTEXT = 8;

    private final Tokenizer tokenizer;
    private final List<String> stops;
    private final int before;
    private int[] tokens;
    private int count;
    private String text = "";
    private int shown;
    private boolean stopped;

    TextStream(Tokenizer tokenizer, int[] prompt, List<String> stops) {
        this.tokenizer = tokenizer;
        this.stops = stops;
        this.tokens =
                Arrays.copyOfRange(prompt, Math.max(0, prompt.length - CONTEXT), prompt.length);
        this.count = tokens.length;
        this.before = tokenizer.decode(tokens).length();
    }

    /** Takes the next token. */
    void add(int token) {
        if (count == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * count + 1);
        }
        tokens[count++] = token;
        String all = tokenizer.decode(Arrays.copyOf(tokens, count));
        text = all.substring(Math.min(before, all.length()));
        int end = stops.stream().mapToInt(text::indexOf).filter(i -> i >= 0).min().orElse(-1);
        if (end >= 0) {
            text = text.substring(0, end);
            stopped = true;
        }
    }

    /** Whether a stop text has been written. */
    boolean stopped() {
        return stopped;
    }

    /** The text so far, up to the stop text. */
    String text() {
        return text;
    }

    /**
     * What has become certain since the last call.
     *
     * @param done whether no more tokens come
     */
    String piece(boolean done) {
        int end = done || stopped ? text.length() : certain();
        if (end <= shown) {
            return "";
        }
        String piece = text.substring(shown, end);
        shown = end;
        return piece;
    }

    /** Without bytes that are not a character yet, and without what may begin a stop text. */
    private int certain() {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == INCOMPLETE) {
            end--;
        }
        for (String stop : stops) {
            for (int n = Math.min(stop.length() - 1, text.length()); n > 0; n--) {
                if (text.regionMatches(text.length() - n, stop, 0, n)) {
                    end = Math.min(end, text.length() - n);
                    break;
                }
            }
        }
        return end;
    }
}
