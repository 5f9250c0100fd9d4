package io.residuum.vision.augment;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * AugMix as torchvision defines it: a random mean of the image and of chains of random operations,
 * on 8-bit values. The consistency loss of the paper is not part of it. Hendrycks et al., "AugMix:
 * a simple data processing method to improve robustness and uncertainty", 2020.
 *
 * @param severity the number of strengths to draw from, in [1, 10]
 * @param width the number of chains, positive
 * @param depth the number of operations in a chain; 0 for a random number from 1 to 3
 * @param alpha the parameter of the distributions of weights, positive
 * @param allOperations true for brightness, color, contrast and sharpness, too, which overlap with
 *     the corruptions of ImageNet-C
 * @param interpolation the interpolation of shears, translations and rotations
 * @param fill the value in [0, 255] of pixels from outside: one, or three for RGB
 */
@TypeName("augMix")
public record AugMix(
        @Default("3") int severity,
        @Default("3") int width,
        @Default("0") int depth,
        @Default("1.0") double alpha,
        @Default("true") boolean allOperations,
        @Default("\"bilinear\"") Interpolation interpolation,
        @Default("[0]") List<Integer> fill)
        implements Augmentation {
    private static final Levels LEVELS = new Levels(10, 0.3, 1.0 / 3, 0, 30, 0.9, 4, 4);

    /** Those that overlap with the corruptions of ImageNet-C. */
    private static final Set<Operation> OVERLAPPING =
            EnumSet.range(Operation.BRIGHTNESS, Operation.SHARPNESS);

    public AugMix {
        checkArgument(
                severity >= 1 && severity <= 10, "severity must be in [1, 10], got %s", severity);
        checkArgument(width > 0, "width must be positive, got %s", width);
        checkArgument(depth >= 0, "depth must be 0 or more, got %s", depth);
        Pairs.checkAlpha(alpha);
        fill = Levels.checkFill(fill);
    }

    @Override
    public void apply(Image image, ImageShape wanted, RandomGenerator random) {
        double kept = Pairs.beta(alpha, random);
        double[] chains = Pairs.dirichlet(alpha, width, random);
        for (int i = 0; i < width; i++) {
            chains[i] *= 1 - kept;
        }
        mix(image, kept, chains, random);
    }

    /** Replaces the image by a weighted sum of itself and of random chains. */
    void mix(Image image, double kept, double[] chains, RandomGenerator random) {
        Pixels original = Pixels.of(image);
        float[] sum = new float[image.shape().length()];
        add(sum, original, kept);
        for (double weight : chains) {
            Pixels pixels = original.copy();
            chain(pixels, random);
            add(sum, pixels, weight);
        }
        for (int i = 0; i < sum.length; i++) {
            image.values()[i] = Pixels.clip(sum[i]) / 255f;
        }
    }

    private static void add(float[] sum, Pixels pixels, double weight) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += (float) weight * pixels.values()[i];
        }
    }

    private void chain(Pixels pixels, RandomGenerator random) {
        List<Operation> operations = new ArrayList<>(RandAugment.OPERATIONS);
        operations.remove(Operation.IDENTITY);
        operations.removeIf(o -> !allOperations && OVERLAPPING.contains(o));
        int count = depth > 0 ? depth : 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            Operation operation = operations.get(random.nextInt(operations.size()));
            int level = Levels.draw(operation, severity, random);
            LEVELS.apply(operation, level, pixels, interpolation, fill, random);
        }
    }
}
