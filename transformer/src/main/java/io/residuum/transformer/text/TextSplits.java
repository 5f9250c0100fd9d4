package io.residuum.transformer.text;

import io.residuum.data.Fingerprint;
import io.residuum.data.Splits;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The data sets for training a language model.
 *
 * @param source the data in a few words, for people
 * @param train the training text
 * @param validation the text for choosing the best epoch; empty to train without choice
 * @param test the text for measuring the chosen network once, at the end of training; empty if the
 *     data has none
 * @param heldOut the share of the training text that the validation text took, in [0, 1), as the
 *     recipe asks; empty if the data comes with a validation text
 * @param tokenizer the tokenizer of all texts
 */
public record TextSplits(
        String source,
        TokenStream train,
        Optional<Part> validation,
        Optional<Part> test,
        OptionalDouble heldOut,
        Tokenizer tokenizer)
        implements Splits<TextSplits.Part> {

    /**
     * A part of a text.
     *
     * @param tokens the tokens
     * @param characters the number of characters (Unicode code points) of the tokens. Bits per
     *     character are the sum of the losses / ln 2 / this
     */
    public record Part(TokenStream tokens, long characters) {}

    /** {@return one line that identifies the texts, whatever the names of their files} */
    public String fingerprint() {
        return Fingerprint.of(
                part(train),
                validation.map(part -> part(part.tokens())),
                test.map(part -> part(part.tokens())));
    }

    private static String part(TokenStream tokens) {
        return Fingerprint.part(tokens.size(), "tokens", tokens.fingerprint());
    }

    @Override
    public String description() {
        return describe(
                        String.format(Locale.ROOT, "%,d tokens to train on", train.size()),
                        part -> part.tokens().size())
                + String.format(Locale.ROOT, ", vocabulary %,d", tokenizer.vocabulary());
    }
}
