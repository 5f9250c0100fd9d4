package io.residuum.transformer.text;

import java.util.OptionalInt;

/**
 * The ids of special tokens, which stand for no text.
 *
 * @param beginning starts a sequence
 * @param end ends a sequence; a generator stops there
 * @param padding fills a sequence up to the longest of its batch
 * @param mask replaces a token in masked language modelling
 * @param unknown stands for text that no token covers
 */
public record SpecialTokens(
        OptionalInt beginning,
        OptionalInt end,
        OptionalInt padding,
        OptionalInt mask,
        OptionalInt unknown) {

    /** No special tokens. */
    public static final SpecialTokens NONE =
            new SpecialTokens(
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty());
}
