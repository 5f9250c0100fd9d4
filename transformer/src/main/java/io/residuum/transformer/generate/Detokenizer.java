package io.residuum.transformer.generate;

import io.residuum.transformer.text.Tokenizer;
import java.util.Arrays;

/**
 * Converts a stream of tokens to text. The text of a token depends on the tokens before it: it may
 * be part of a character, or begin with a space. Therefore the detokenizer decodes the last few
 * tokens twice, without and with the new ones, and returns the difference.
 */
final class Detokenizer {
    private static final String INCOMPLETE = "\uFFFD";
    private static final int CONTEXT = 5;

    private final Tokenizer tokenizer;
    private int[] window;
    private int decoded;

    /**
     * Creates a detokenizer that continues a prompt.
     *
     * @param tokenizer the tokenizer that decodes
     * @param prompt the tokens of the prompt, which do not appear in the text
     */
    Detokenizer(Tokenizer tokenizer, int[] prompt) {
        this.tokenizer = tokenizer;
        this.window =
                Arrays.copyOfRange(prompt, Math.max(0, prompt.length - CONTEXT), prompt.length);
        this.decoded = window.length;
    }

    /**
     * Adds a token.
     *
     * @param token the id
     * @return the new text; empty while the last character is incomplete
     */
    String add(int token) {
        window = Arrays.copyOf(window, window.length + 1);
        window[window.length - 1] = token;
        String text = rest();
        if (text.isEmpty() || text.endsWith(INCOMPLETE)) {
            return "";
        }
        window = Arrays.copyOfRange(window, decoded, window.length);
        decoded = window.length;
        return text;
    }

    /** Returns the remaining text, including an incomplete character. */
    String rest() {
        String before = tokenizer.decode(Arrays.copyOf(window, decoded));
        String all = tokenizer.decode(window);
        return all.substring(commonLength(before, all));
    }

    /**
     * Returns the length of the common prefix. The next token may complete the prompt's last
     * character.
     */
    private static int commonLength(String before, String all) {
        int length = Math.min(before.length(), all.length());
        boolean completed = before.endsWith(INCOMPLETE) && !all.startsWith(before);
        return completed ? length - 1 : length;
    }
}
