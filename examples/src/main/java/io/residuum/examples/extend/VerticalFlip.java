package io.residuum.examples.extend;

import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import io.residuum.vision.augment.Augmentation;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;

/**
 * An augmentation: mirrors the image top to bottom.
 *
 * @param probability the probability of mirroring. Default: 0.5
 */
@TypeName("verticalFlip")
@Doc("Mirrors the image top to bottom.")
public record VerticalFlip(@Default("0.5") double probability) implements Augmentation {
    @Override
    public void apply(Image image, ImageShape wanted, RandomGenerator random) {
        if (random.nextDouble() >= probability) {
            return;
        }
        ImageShape shape = image.shape();
        float[] flipped = image.values().clone();
        for (int row = 0; row < shape.channels() * shape.height(); row++) {
            int y = row % shape.height();
            int mirrored = row - y + shape.height() - 1 - y;
            System.arraycopy(
                    flipped,
                    row * shape.width(),
                    image.values(),
                    mirrored * shape.width(),
                    shape.width());
        }
    }
}
