package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.data.Splits;
import io.residuum.vision.augment.Augmentation;
import io.residuum.vision.image.Normalize;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The images of a training run.
 *
 * @param source the data in a few words, for people
 * @param train images for training
 * @param validation images for choosing the best epoch; empty to train without choice
 * @param test images for measuring the chosen network once, at the end of training; empty if the
 *     data has none
 * @param heldOut the share of the training images that the validation images took, in [0, 1), as
 *     the recipe asks; empty if the data comes with validation images
 * @param augmentation usual augmentation of these images, used if the recipe has none
 */
public record DataSplits(
        String source,
        ImageSet train,
        Optional<ImageSet> validation,
        Optional<ImageSet> test,
        OptionalDouble heldOut,
        List<Augmentation> augmentation)
        implements Splits<ImageSet> {
    /** Constant, so that a resumed run holds out the same images. */
    private static final long HELD_OUT_SEED = 20151210;

    private static final int MEASURED = 1000;

    public DataSplits {
        augmentation = List.copyOf(augmentation);
        Stream.of(validation, test)
                .flatMap(Optional::stream)
                .filter(set -> !set.classNames().equals(train.classNames()))
                .forEach(
                        set -> {
                            throw new DataException(
                                    String.format(
                                            "training, validation and test set must have the same"
                                                    + " classes, got %s and %s",
                                            train.classNames(), set.classNames()));
                        });
    }

    /**
     * Holds out a part of each class of the training images for validation.
     *
     * @param source the data in a few words
     * @param train images for training and validation
     * @param test images for testing, empty for none
     * @param share the part to hold out, in [0, 1); 0 for none
     * @param augmentation usual augmentation of these images
     * @throws DataException if there are too few images
     */
    public static DataSplits holdingOut(
            String source,
            ImageSet train,
            Optional<ImageSet> test,
            double share,
            List<Augmentation> augmentation) {
        OptionalDouble heldOut = OptionalDouble.of(share);
        if (share == 0) {
            return new DataSplits(source, train, Optional.empty(), test, heldOut, augmentation);
        }
        ImageSet.Split split = train.split(share, HELD_OUT_SEED);
        return new DataSplits(
                source, split.kept(), Optional.of(split.heldOut()), test, heldOut, augmentation);
    }

    /**
     * Divides the training images for cross-validation. Each part is the test set of one run, whose
     * other images are split as by {@link #holdingOut}. Test images of the data are left out.
     *
     * @param count the number of parts, 2 or more
     * @param share the share of each run's training images to hold out for choosing the best epoch,
     *     in [0, 1)
     * @throws DataException if there are too few images, or some are held out already
     */
    public List<DataSplits> folds(int count, double share) {
        return folds(
                IntStream.range(0, train.size()).map(train::label).toArray(),
                count,
                HELD_OUT_SEED,
                (name, kept, tested) ->
                        holdingOut(
                                name,
                                train.subset(kept),
                                Optional.of(train.subset(tested)),
                                share,
                                augmentation));
    }

    /**
     * {@return a copy with labels for other names, such as those of a network}
     *
     * @param names as for {@link ImageSet#labelledBy}
     */
    public DataSplits labelledBy(List<String> names) {
        return new DataSplits(
                source,
                train.labelledBy(names),
                validation.map(set -> set.labelledBy(names)),
                test.map(set -> set.labelledBy(names)),
                heldOut,
                augmentation);
    }

    @Override
    public String description() {
        return describe(
                String.format(
                        Locale.ROOT,
                        train.size() == 1 ? "%,d training image" : "%,d training images",
                        train.size()),
                ImageSet::size);
    }

    /**
     * {@return mean and standard deviation of at most 1,000 training images, for a network whose
     * spec has no normalization}
     */
    public Normalize measuredNormalization() {
        return train.measuredNormalization(MEASURED);
    }
}
