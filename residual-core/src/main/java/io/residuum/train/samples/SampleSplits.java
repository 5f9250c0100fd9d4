package io.residuum.train.samples;

import io.residuum.data.DataException;
import io.residuum.data.Parts;
import io.residuum.data.Splits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * The samples of a training run. Closing releases what they hold.
 *
 * @param source the data in a few words, for people
 * @param train samples for training
 * @param validation samples for choosing the best epoch; empty to train without choice
 * @param test samples for measuring the chosen network once, at the end of training; empty for none
 * @param heldOut the share of the training samples that the validation samples took, as the recipe
 *     asks; empty if the data comes with validation samples, or cannot be divided
 */
public record SampleSplits(
        String source,
        TrainingSamples train,
        Optional<Samples> validation,
        Optional<Samples> test,
        OptionalDouble heldOut)
        implements Splits<Samples>, AutoCloseable {
    /** Constant, so that a resumed run holds out the same samples. */
    public static final long HELD_OUT_SEED = 20261126;

    /**
     * Holds out a part of the training samples for validation.
     *
     * @param source the data in a few words
     * @param train samples for training and validation
     * @param test samples for testing, empty for none
     * @param share the share to hold out, in [0, 1); 0 for none
     * @throws DataException if there are too few samples
     */
    public static SampleSplits holdingOut(
            String source, Samples train, Optional<Samples> test, double share) {
        OptionalDouble heldOut = OptionalDouble.of(share);
        if (share == 0) {
            return new SampleSplits(source, train, Optional.empty(), test, heldOut);
        }
        List<int[]> parts = Samples.split(train.size(), share, HELD_OUT_SEED);
        return new SampleSplits(
                source,
                train.subset(parts.get(0)),
                Optional.of(train.subset(parts.get(1))),
                test,
                heldOut);
    }

    /**
     * Opens the parts of a source, and holds out validation samples if it has no such part.
     *
     * @param source the kind of data in a few words, which the path of the training part follows
     * @param parts the files or folders
     * @param share the share to hold out, in [0, 1); 0 for none
     * @param reader opens a part
     * @return the parts, to be closed by the caller
     * @throws DataException if there are too few samples
     */
    public static SampleSplits open(
            String source, Parts parts, double share, Function<Path, Samples> reader) {
        String name = source + " " + parts.train();
        List<Samples> opened = new ArrayList<>();
        Function<Path, Samples> open =
                path -> {
                    Samples samples = reader.apply(path);
                    opened.add(samples);
                    return samples;
                };
        try {
            Samples train = open.apply(parts.train());
            Optional<Samples> validation = parts.validation().map(open);
            Optional<Samples> test = parts.test().map(open);
            return validation.isPresent()
                    ? new SampleSplits(name, train, validation, test, OptionalDouble.empty())
                    : holdingOut(name, train, test, share);
        } catch (RuntimeException e) {
            opened.forEach(Samples::close);
            throw e;
        }
    }

    /**
     * {@return samples to evaluate a network on}
     *
     * @param source the data in a few words
     */
    public static SampleSplits toEvaluate(String source, Samples samples) {
        return new SampleSplits(
                source, samples, Optional.empty(), Optional.of(samples), OptionalDouble.empty());
    }

    /**
     * Divides the training samples for cross-validation, at random. Each part is the test part of
     * one result, whose other samples are split as by {@link #holdingOut}. Test samples are left
     * out.
     *
     * @param count the number of parts, 2 or more
     * @param share the share of each result's training samples to hold out, in [0, 1)
     * @return views of these samples, which are closed with them
     * @throws DataException if there are too few samples, they are a stream, or some are held out
     */
    public List<SampleSplits> folds(int count, double share) {
        if (!(train instanceof Samples all)) {
            throw new DataException(
                    "samples must have an index to be divided into folds, got " + description());
        }
        return folds(
                new int[all.size()],
                count,
                HELD_OUT_SEED,
                (name, kept, tested) ->
                        holdingOut(name, all.subset(kept), Optional.of(all.subset(tested)), share));
    }

    @Override
    public void close() {
        if (train instanceof Samples samples) {
            samples.close();
        }
        validation.ifPresent(Samples::close);
        test.ifPresent(Samples::close);
    }

    @Override
    public String description() {
        if (test.filter(train::equals).isPresent()) {
            return source + ": " + train.amount(); // only to evaluate
        }
        return describe(train.amount() + " for training", Samples::size);
    }
}
