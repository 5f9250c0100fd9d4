package io.residuum.vision.augment;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;

/**
 * Random erasing as timm defines it: replaces random rectangles of the normalized image. It comes
 * at the end of the list, after which the image is normalized. Zhong et al., "Random erasing data
 * augmentation", 2020.
 *
 * @param probability the probability of erasing, in [0, 1]
 * @param areaMin the smallest erased area, as a fraction of the image's
 * @param areaMax the largest erased area, at most 1
 * @param aspectMin the smallest height / width; the largest is its inverse
 * @param mode the new values
 * @param count the largest number of rectangles, which share the area; each image draws from 1 to
 *     this
 */
@TypeName("randomErasing")
public record RandomErasing(
        @Default("0.25") double probability,
        @Default("0.02") double areaMin,
        @Default("0.3333333333333333") double areaMax,
        @Default("0.3") double aspectMin,
        @Default("\"const\"") Mode mode,
        @Default("1") int count)
        implements Augmentation {
    private static final int TRIES = 10;

    /** The new values of an erased rectangle. */
    public enum Mode {
        /** 0, the mean of the data. */
        CONST,
        /** A standard normal number for each channel. */
        RAND,
        /** A standard normal number for each value. */
        PIXEL
    }

    public RandomErasing {
        checkArgument(
                probability >= 0 && probability <= 1,
                "probability must be in [0, 1], got %s",
                probability);
        checkArgument(
                areaMin > 0 && areaMin <= areaMax && areaMax <= 1,
                "areaMin and areaMax must be in (0, 1] and in order, got %s and %s",
                areaMin,
                areaMax);
        checkArgument(
                aspectMin > 0 && aspectMin <= 1, "aspectMin must be in (0, 1], got %s", aspectMin);
        checkArgument(count > 0, "count must be positive, got %s", count);
    }

    @Override
    public boolean ofNormalized() {
        return true;
    }

    @Override
    public void apply(Image image, ImageShape wanted, RandomGenerator random) {
        if (random.nextDouble() > probability) {
            return;
        }
        int boxes = count == 1 ? 1 : 1 + random.nextInt(count);
        for (int i = 0; i < boxes; i++) {
            eraseOne(image, 1.0 / boxes, random);
        }
    }

    private void eraseOne(Image image, double share, RandomGenerator random) {
        ImageShape shape = image.shape();
        for (int i = 0; i < TRIES; i++) {
            double area =
                    (areaMin + (areaMax - areaMin) * random.nextDouble()) * shape.plane() * share;
            double log = Math.log(aspectMin);
            double aspect = Math.exp(log - 2 * log * random.nextDouble());
            int height = (int) Math.rint(Math.sqrt(area * aspect));
            int width = (int) Math.rint(Math.sqrt(area / aspect));
            if (height < shape.height() && width < shape.width()) {
                int top = random.nextInt(shape.height() - height + 1);
                int left = random.nextInt(shape.width() - width + 1);
                fill(image, new Box(top, left, height, width), random);
                return;
            }
        }
    }

    private void fill(Image image, Box box, RandomGenerator random) {
        float[] values = image.values();
        for (int c = 0; c < image.shape().channels(); c++) {
            float ofChannel = mode == Mode.RAND ? (float) random.nextGaussian() : 0;
            box.rows(image.shape(), c * image.shape().plane())
                    .forEach(
                            row -> {
                                for (int p = row; p < row + box.width(); p++) {
                                    values[p] =
                                            mode == Mode.PIXEL
                                                    ? (float) random.nextGaussian()
                                                    : ofChannel;
                                }
                            });
        }
    }
}
