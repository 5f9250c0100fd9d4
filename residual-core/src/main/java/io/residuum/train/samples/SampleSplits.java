package io.residuum.train.samples;

import io.residuum.data.Parts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
        implements AutoCloseable {
    /** Constant, so that a resumed run holds out the same samples. */
    public static final long HELD_OUT_SEED = 20261126;

    /**
     * Holds out a part of the training samples for validation.
     *
     * @param source the data in a few words
     * @param train samples for training and validation
     * @param test samples for testing, empty for none
     * @param share the share to hold out, in [0, 1); 0 for none
     * @return the parts
     * @throws io.residuum.data.DataException if there are too few samples
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
     * @throws io.residuum.data.DataException if there are too few samples
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
     * @param samples the samples
     */
    public static SampleSplits toEvaluate(String source, Samples samples) {
        return new SampleSplits(
                source, samples, Optional.empty(), Optional.of(samples), OptionalDouble.empty());
    }

    @Override
    public void close() {
        if (train instanceof Samples samples) {
            samples.close();
        }
        validation.ifPresent(Samples::close);
        test.ifPresent(Samples::close);
    }

    /** {@return one line for people: source and number of samples} */
    public String description() {
        if (test.filter(train::equals).isPresent()) {
            return source + ": " + train.amount(); // only to evaluate
        }
        StringBuilder text = new StringBuilder(source + ": " + train.amount() + " for training");
        validation.ifPresent(
                set -> text.append(String.format(Locale.ROOT, ", %,d for validation", set.size())));
        test.ifPresent(
                set -> text.append(String.format(Locale.ROOT, ", %,d for testing", set.size())));
        return text.toString();
    }
}
