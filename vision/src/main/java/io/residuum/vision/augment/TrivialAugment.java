package io.residuum.vision.augment;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * TrivialAugment with the wide range of strengths, as torchvision defines it: one random operation
 * of random strength, on 8-bit values. Müller and Hutter, "TrivialAugment: tuning-free yet
 * state-of-the-art data augmentation", 2021.
 *
 * @param bins the number of strengths, 2 or more
 * @param interpolation the interpolation of shears, translations and rotations
 * @param fill the value in [0, 255] of pixels from outside: one, or three for RGB
 */
@TypeName("trivialAugmentWide")
public record TrivialAugment(
        @Default("31") int bins,
        @Default("\"nearest\"") Interpolation interpolation,
        @Default("[0]") List<Integer> fill)
        implements Augmentation {
    public TrivialAugment {
        Levels.checkBins(bins);
        fill = Levels.checkFill(fill);
    }

    @Override
    public void apply(Image image, ImageShape wanted, RandomGenerator random) {
        Pixels pixels = Pixels.of(image);
        List<Operation> all = RandAugment.OPERATIONS;
        Operation operation = all.get(random.nextInt(all.size()));
        int level = Levels.draw(operation, bins, random);
        new Levels(bins, 0.99, 0, 32, 135, 0.99, 8, 6)
                .apply(operation, level, pixels, interpolation, fill, random);
        pixels.copyTo(image);
    }
}
