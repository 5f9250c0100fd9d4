package io.residuum.transformer.train;

import io.residuum.transformer.text.Tokenizer;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * An encoder of texts for a network.
 *
 * @param tokenizer the tokenizer, including special tokens around a text
 * @param length the maximum number of tokens; truncation keeps the end token
 */
record TextEncoder(Tokenizer tokenizer, int length) {

    /** Returns the ids of a text, at least one. */
    int[] encode(String text) {
        int[] ids = tokenizer.encodeForModel(text);
        if (ids.length == 0) {
            // The text is empty and has no special tokens, but a network needs at least one token.
            return new int[] {tokenizer.special().padding().orElse(0)};
        }
        if (ids.length <= length) {
            return ids;
        }
        int[] cut = Arrays.copyOf(ids, length);
        OptionalInt end = tokenizer.special().end();
        if (end.isPresent() && ids[ids.length - 1] == end.getAsInt()) {
            cut[length - 1] = end.getAsInt();
        }
        return cut;
    }
}
