package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.vision.augment.Augmentation;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The images of a training run.
 *
 * @param description one line for people: number of images, source and evaluation set
 * @param train images for training
 * @param evaluation images for evaluation: the test set, or a held-out part if there is none
 * @param augmentation usual augmentation of these images, used if the recipe has none
 */
public record DataSplits(
        String description, ImageSet train, ImageSet evaluation, List<Augmentation> augmentation) {
    private static final double HELD_OUT = 0.1;

    /** Constant, so that a resumed run holds out the same images. */
    private static final long HELD_OUT_SEED = 20151210;

    private static final int MEASURED = 1000;

    public DataSplits {
        augmentation = List.copyOf(augmentation);
        if (!train.classNames().equals(evaluation.classNames())) {
            throw new DataException(
                    String.format(
                            "training and test set must have the same classes, got %s and %s",
                            train.classNames(), evaluation.classNames()));
        }
    }

    /** Combines a training set with its test set. Without one, a tenth is held out. */
    static DataSplits of(
            String source,
            ImageSet train,
            Optional<ImageSet> test,
            ImageShape shape,
            List<Augmentation> augmentation) {
        ImageSet shaped = train.adaptedTo(shape);
        String sizes = "%s: %,d training images, %,d ";
        if (test.isPresent()) {
            String text =
                    String.format(
                            Locale.ROOT,
                            sizes + "test images",
                            source,
                            train.size(),
                            test.get().size());
            return new DataSplits(text, shaped, test.get().adaptedTo(shape), augmentation);
        }
        ImageSet.Split split = shaped.split(HELD_OUT, HELD_OUT_SEED);
        String text =
                String.format(
                        Locale.ROOT,
                        sizes
                                + "held out to evaluate on (a tenth of each class, as no test set"
                                + " is given)",
                        source,
                        split.kept().size(),
                        split.heldOut().size());
        return new DataSplits(text, split.kept(), split.heldOut(), augmentation);
    }

    /**
     * {@return mean and standard deviation of at most 1,000 training images, for a network whose
     * spec has no normalization}
     */
    public Normalize measuredNormalization() {
        return train.measuredNormalization(MEASURED);
    }
}
