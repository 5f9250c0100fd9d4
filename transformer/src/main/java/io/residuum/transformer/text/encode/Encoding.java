package io.residuum.transformer.text.encode;

import io.residuum.spec.Check;
import java.util.List;

/**
 * The tokens of a text, without special tokens of a model.
 *
 * @param tokens the tokens as the vocabulary writes them, such as {@code ##ing}
 * @param ids the id of each token
 * @param starts the index in the text of each token's first character, in Java's {@code char}s
 * @param ends the index after each token's last character; {@code starts} for a token that stands
 *     for no character
 * @param words the index of each token's word by the tokenizer, -1 for none
 * @param continued true for each token that continues the word of the token before
 */
public record Encoding(
        List<String> tokens,
        int[] ids,
        int[] starts,
        int[] ends,
        int[] words,
        boolean[] continued) {

    public Encoding {
        tokens = List.copyOf(tokens);
        for (int length :
                new int[] {
                    ids.length, starts.length, ends.length, words.length, continued.length
                }) {
            Check.that(
                    length == tokens.size(),
                    "there must be %s values, one for each token, got %s",
                    tokens.size(),
                    length);
        }
    }

    /** {@return the number of tokens} */
    public int size() {
        return ids.length;
    }
}
