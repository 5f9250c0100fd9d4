package io.residuum.transformer.text.pairs;

import io.residuum.data.DataException;
import io.residuum.data.Fingerprint;
import io.residuum.data.Parts;
import io.residuum.data.Splits;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * The data sets for learning embeddings. The tuples of all have the same form.
 *
 * @param source the data in a few words, for people
 * @param train the tuples to train on
 * @param validation the tuples for choosing the best epoch; empty to train without choice
 * @param test the tuples for measuring the chosen network once; empty if the data has none
 * @param heldOut the share of the anchors that the validation set took, in [0, 1); empty if the
 *     data comes with a validation set
 */
public record TextTupleSplits(
        String source,
        TextTuples train,
        Optional<TextTuples> validation,
        Optional<TextTuples> test,
        OptionalDouble heldOut)
        implements Splits<TextTuples> {
    /** Fixed, so that a resumed run holds out the same tuples. */
    private static final long HELD_OUT_SEED = 20181011;

    /** Checks that all sets have the same form. */
    public TextTupleSplits {
        Stream.of(validation, test)
                .flatMap(Optional::stream)
                .filter(s -> s.width() != train.width() || s.hasScores() != train.hasScores())
                .findFirst()
                .ifPresent(
                        other -> {
                            throw new DataException(
                                    "%s: all parts must have the same number of texts per row, and all or none a score, found %s and %s"
                                            .formatted(source, form(train), form(other)));
                        });
    }

    private static String form(TextTuples set) {
        return set.unit() + (set.hasScores() ? " with a score" : "");
    }

    /**
     * Reads the tables of all parts.
     *
     * @param parts the tables, as {@link TextTuples#read} reads them
     * @param share the share of the anchors of the training table to hold out for validation, in
     *     [0, 1), if there is no validation table
     * @return the data sets
     * @throws DataException if a table is invalid or too small
     */
    public static TextTupleSplits open(Parts parts, double share) {
        TextTuples all = TextTuples.read(parts.train());
        Optional<TextTuples> test = parts.test().map(TextTuples::read);
        String source = parts.train().toString();
        if (parts.validation().isPresent()) {
            Optional<TextTuples> validation = parts.validation().map(TextTuples::read);
            return new TextTupleSplits(source, all, validation, test, OptionalDouble.empty());
        }
        OptionalDouble heldOut = OptionalDouble.of(share);
        if (share == 0) {
            return new TextTupleSplits(source, all, Optional.empty(), test, heldOut);
        }
        List<TextTuples> split = all.split(share, HELD_OUT_SEED);
        return new TextTupleSplits(source, split.get(0), Optional.of(split.get(1)), test, heldOut);
    }

    /**
     * Reads one table and evaluates all its rows.
     *
     * @return data sets whose test set is the table
     * @throws DataException if the table is invalid
     */
    public static TextTupleSplits toEvaluate(Path table) {
        TextTuples all = TextTuples.read(table);
        return new TextTupleSplits(
                table.toString(), all, Optional.empty(), Optional.of(all), OptionalDouble.empty());
    }

    /** {@return the different sets: for training, for validation, for testing} */
    public List<TextTuples> all() {
        return Stream.of(Optional.of(train), validation, test)
                .flatMap(Optional::stream)
                .distinct()
                .toList();
    }

    /** {@return one line that identifies the texts, whatever the names of their files} */
    public String fingerprint() {
        return Fingerprint.of(
                part(train),
                validation.map(TextTupleSplits::part),
                test.map(TextTupleSplits::part));
    }

    private static String part(TextTuples set) {
        return Fingerprint.part(set.size(), set.unit(), set.fingerprint());
    }

    @Override
    public String description() {
        return describe(
                String.format(Locale.ROOT, "%,d %s to train on", train.size(), form(train)),
                TextTuples::size);
    }
}
