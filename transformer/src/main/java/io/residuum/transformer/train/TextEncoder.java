package io.residuum.transformer.train;

import io.residuum.transformer.text.Tokenizer;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Texts as an encoder reads them.
 *
 * @param tokenizer turns text into ids, with the tokens that frame it
 * @param length what a text is cut to; the token that ends it stays
 */
record TextEncoder(Tokenizer tokenizer, int length) {

    /** The ids of a text, of which there is at least one. */
    int[] encode(String text) {
        int[] ids = tokenizer.encodeForModel(text);
        if (ids.length == 0) {
            // No text, and nothing around it: something must be read.
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
