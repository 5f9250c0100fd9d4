package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.data.Fingerprint;
import io.residuum.data.Splits;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The data sets for training a text classifier. All have the same classes.
 *
 * @param source the data in a few words, for people
 * @param train the training set
 * @param validation the texts for choosing the best epoch; empty to train without choice
 * @param test the texts for measuring the chosen network once, at the end of training; empty if the
 *     data has none
 * @param heldOut the share of the training texts that the validation texts took, in [0, 1), as the
 *     recipe asks; empty if the data comes with validation texts
 */
public record LabelledSplits(
        String source,
        LabelledTexts train,
        Optional<LabelledTexts> validation,
        Optional<LabelledTexts> test,
        OptionalDouble heldOut)
        implements Splits<LabelledTexts> {

    /**
     * {@return a copy with labels for other names, such as those of a network}
     *
     * @param names the names of the new labels; all classes of the texts are among them
     * @throws DataException if a class is not among them
     */
    public LabelledSplits labelledBy(List<String> names) {
        return new LabelledSplits(
                source,
                train.labelledBy(names),
                validation.map(texts -> texts.labelledBy(names)),
                test.map(texts -> texts.labelledBy(names)),
                heldOut);
    }

    /** {@return one line that identifies the texts, whatever the names of their files} */
    public String fingerprint() {
        return Fingerprint.of(
                part(train), validation.map(LabelledSplits::part), test.map(LabelledSplits::part));
    }

    private static String part(LabelledTexts texts) {
        return Fingerprint.part(texts.size(), "texts", texts.fingerprint());
    }

    @Override
    public String description() {
        return describe(
                String.format(
                        Locale.ROOT,
                        "%,d texts in %d classes to train on",
                        train.size(),
                        train.classNames().size()),
                LabelledTexts::size);
    }
}
