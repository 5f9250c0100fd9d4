package io.residuum.vision.augment;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.vision.augment.Operation.Strength;
import io.residuum.vision.image.ImageShape;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The arguments of operations by level, as torchvision defines them. The draws of its policies have
 * its order, so that fixed draws give its images.
 *
 * @param bins the number of levels
 * @param shear the factor of the highest level
 * @param side the translation of the highest level, as a share of the side
 * @param pixels the translation of the highest level in pixels, beyond that share
 * @param rotate the degrees of the highest level
 * @param enhance the distance of the highest level from the factor 1
 * @param mostBits the bits that the lowest level keeps
 * @param lostBits the bits that the highest level drops from these
 */
record Levels(
        int bins,
        double shear,
        double side,
        double pixels,
        double rotate,
        double enhance,
        int mostBits,
        int lostBits) {

    /** {@return the levels of RandAugment and AutoAugment} */
    static Levels ofRandAugment(int bins) {
        return new Levels(bins, 0.3, 150.0 / 331, 0, 30, 0.9, 8, 4);
    }

    static void checkBins(int bins) {
        checkArgument(bins >= 2, "bins must be 2 or more, got %s", bins);
    }

    static List<Integer> checkFill(List<Integer> fill) {
        checkArgument(
                (fill.size() == 1 || fill.size() == 3)
                        && fill.stream().allMatch(v -> v >= 0 && v <= 255),
                "fill must be one value, or three for RGB, in [0, 255], got %s",
                fill);
        return List.copyOf(fill);
    }

    static int[] fill(List<Integer> fill, ImageShape shape) {
        checkArgument(
                fill.size() == 1 || fill.size() == shape.channels(),
                "fill must be one value for gray images, got %s",
                fill);
        return fill.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Applies an operation of a level, with a random sign if it has one. */
    void apply(
            Operation operation,
            int level,
            Pixels pixels,
            Interpolation interpolation,
            List<Integer> fill,
            RandomGenerator random) {
        boolean negative = operation.strength == Strength.SIGNED && random.nextInt(2) == 1;
        double argument = argument(operation, level, negative, pixels.shape());
        operation.apply(pixels, argument, interpolation, fill(fill, pixels.shape()));
    }

    /** {@return a random level; 0 for operations without levels} */
    static int draw(Operation operation, int count, RandomGenerator random) {
        return operation.strength == Strength.NONE ? 0 : random.nextInt(count);
    }

    double argument(Operation operation, int level, boolean negative, ImageShape shape) {
        int sign = negative ? -1 : 1;
        return switch (operation) {
            case SHEAR_X, SHEAR_Y -> sign * between(0, shear, level);
            case TRANSLATE_X -> -sign * (int) between(0, side * shape.width() + pixels, level);
            case TRANSLATE_Y -> -sign * (int) between(0, side * shape.height() + pixels, level);
            case ROTATE -> sign * between(0, rotate, level);
            case BRIGHTNESS, COLOR, CONTRAST, SHARPNESS -> 1.0 + sign * between(0, enhance, level);
            case POSTERIZE -> mostBits - (int) Math.rint(level / (float) ((bins - 1.0) / lostBits));
            case SOLARIZE -> between(255, 0, level);
            default -> 0;
        };
    }

    /** Divides a range into equal steps, rounded as {@code torch.linspace} does. */
    private double between(double start, double end, int level) {
        float step = ((float) end - (float) start) / (bins - 1);
        return level < bins / 2
                ? (float) start + step * level
                : (float) end - step * (bins - 1 - level);
    }
}
