package io.residuum.transformer.text;

import java.util.OptionalInt;

/**
 * The ids of tokens that stand for no text.
 *
 * @param beginning starts a sequence
 * @param end ends a sequence: a generator stops there
 * @param padding fills a sequence up to the longest of its batch
 * @param mask stands for a hidden token in masked language modelling
 * @param unknown stands for text that no token covers
 */
public record SpecialTokens(
        OptionalInt beginning,
        OptionalInt end,
        OptionalInt padding,
        OptionalInt mask,
        OptionalInt unknown) {

    /** None at all. */
    public static final SpecialTokens NONE =
            new SpecialTokens(
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty());
}
