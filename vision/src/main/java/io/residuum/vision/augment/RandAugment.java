package io.residuum.vision.augment;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.EnumSet;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * RandAugment as torchvision defines it: random operations of one strength, on 8-bit values. {@link
 * TimmRandAugment} has timm's notation. Cubuk et al., "RandAugment: practical automated data
 * augmentation with a reduced search space", 2020.
 *
 * @param operations the number of operations, positive
 * @param magnitude the strength, in [0, bins)
 * @param bins the number of strengths, 2 or more
 * @param interpolation the interpolation of shears, translations and rotations
 * @param fill the value in [0, 255] of pixels from outside: one, or three for RGB
 */
@TypeName("randAugment")
public record RandAugment(
        @Default("2") int operations,
        @Default("9") int magnitude,
        @Default("31") int bins,
        @Default("\"nearest\"") Interpolation interpolation,
        @Default("[0]") List<Integer> fill)
        implements Augmentation {
    /** In torchvision's order. */
    static final List<Operation> OPERATIONS =
            List.copyOf(EnumSet.complementOf(EnumSet.of(Operation.SOLARIZE_ADD, Operation.INVERT)));

    public RandAugment {
        checkArgument(operations > 0, "operations must be positive, got %s", operations);
        Levels.checkBins(bins);
        checkArgument(
                magnitude >= 0 && magnitude < bins,
                "magnitude must be in [0, %s), the bins, got %s",
                bins,
                magnitude);
        fill = Levels.checkFill(fill);
    }

    @Override
    public void apply(Image image, ImageShape wanted, RandomGenerator random) {
        Pixels pixels = Pixels.of(image);
        for (int i = 0; i < operations; i++) {
            Operation operation = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
            Levels.ofRandAugment(bins)
                    .apply(operation, magnitude, pixels, interpolation, fill, random);
        }
        pixels.copyTo(image);
    }
}
