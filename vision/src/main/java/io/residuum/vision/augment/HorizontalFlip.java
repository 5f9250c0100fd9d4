package io.residuum.vision.augment;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;

/**
 * Mirrors the image left to right. Do not use it for digits or text.
 *
 * @param probability probability of mirroring. Default: 0.5
 */
@TypeName("horizontalFlip")
public record HorizontalFlip(@Default("0.5") double probability) implements Augmentation {
    public HorizontalFlip {
        checkArgument(
                probability >= 0 && probability <= 1,
                "probability must be in [0, 1], got %s",
                probability);
    }

    @Override
    public void apply(Image image, ImageShape wanted, RandomGenerator random) {
        if (random.nextDouble() >= probability) {
            return;
        }
        float[] values = image.values();
        int width = image.shape().width();
        int length = image.shape().length();
        for (int row = 0; row < length; row += width) {
            for (int left = row, right = row + width - 1; left < right; left++, right--) {
                float moved = values[left];
                values[left] = values[right];
                values[right] = moved;
            }
        }
    }
}
