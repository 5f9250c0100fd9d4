package io.residuum.transformer.generate;

import io.residuum.transformer.text.Tokenizer;
import java.util.Arrays;

/**
 * Tokens as text, one after the other. What a token adds depends on those before it (bytes of one
 * character, a space ahead of a word), so that it is the difference of two decoded texts: that of a
 * few tokens before it, and that with it.
 */
final class Detokenizer {
    private static final String INCOMPLETE = "\uFFFD";
    private static final int BEFORE = 5;

    private final Tokenizer tokenizer;
    private int[] window;
    private int said;

    /**
     * Begins behind a prompt.
     *
     * @param tokenizer decodes
     * @param prompt its tokens, which are not part of the text
     */
    Detokenizer(Tokenizer tokenizer, int[] prompt) {
        this.tokenizer = tokenizer;
        this.window =
                Arrays.copyOfRange(prompt, Math.max(0, prompt.length - BEFORE), prompt.length);
        this.said = window.length;
    }

    /**
     * Adds a token.
     *
     * @param token its id
     * @return what it adds; nothing while its last character is incomplete
     */
    String add(int token) {
        window = Arrays.copyOf(window, window.length + 1);
        window[window.length - 1] = token;
        String text = rest();
        if (text.isEmpty() || text.endsWith(INCOMPLETE)) {
            return "";
        }
        window = Arrays.copyOfRange(window, said, window.length);
        said = window.length;
        return text;
    }

    /** What is left at the end, complete or not. */
    String rest() {
        String before = tokenizer.decode(Arrays.copyOf(window, said));
        String all = tokenizer.decode(window);
        return all.substring(commonLength(before, all));
    }

    /** A prompt may end in half a character, which the next token completes. */
    private static int commonLength(String before, String all) {
        int length = Math.min(before.length(), all.length());
        boolean completed = before.endsWith(INCOMPLETE) && !all.startsWith(before);
        return completed ? length - 1 : length;
    }
}
