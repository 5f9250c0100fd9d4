package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.data.Fingerprint;
import io.residuum.data.Splits;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

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
    /** Fixed, so that a resumed run holds out the same texts. */
    private static final long HELD_OUT_SEED = 20181011;

    /**
     * Holds out a part of each class of the training texts for validation.
     *
     * @param source the data in a few words
     * @param train the texts for training and validation
     * @param test the texts for testing; empty for none
     * @param share the share to hold out, in [0, 1); 0 for none
     * @return the parts
     * @throws DataException if there are too few texts
     */
    static LabelledSplits holdingOut(
            String source, LabelledTexts train, Optional<LabelledTexts> test, double share) {
        OptionalDouble heldOut = OptionalDouble.of(share);
        if (share == 0) {
            return new LabelledSplits(source, train, Optional.empty(), test, heldOut);
        }
        LabelledTexts.Split split = train.split(share, HELD_OUT_SEED);
        return new LabelledSplits(
                source, split.kept(), Optional.of(split.heldOut()), test, heldOut);
    }

    /**
     * Divides the training texts for cross-validation. Each part has an equal share of each class
     * and is the test set of one run, whose other texts are split as by {@link #holdingOut}. Test
     * texts of the data are left out.
     *
     * @param count the number of parts, 2 or more
     * @param share the share of each run's training texts to hold out for choosing the best epoch,
     *     in [0, 1)
     * @return the texts of each run
     * @throws DataException if there are too few texts, or some are held out already
     */
    public List<LabelledSplits> folds(int count, double share) {
        return folds(
                IntStream.range(0, train.size()).map(train::label).toArray(),
                count,
                HELD_OUT_SEED,
                (name, kept, tested) ->
                        holdingOut(
                                name,
                                train.subset(kept),
                                Optional.of(train.subset(tested)),
                                share));
    }

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
                        "%,d %s in %d %s to train on",
                        train.size(),
                        train.size() == 1 ? "text" : "texts",
                        train.classNames().size(),
                        train.classNames().size() == 1 ? "class" : "classes"),
                LabelledTexts::size);
    }
}
