package io.residuum.vision.augment;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Cutout: sets a square around a random pixel to 0, the mean after normalization. The square may
 * extend beyond the border. DeVries and Taylor, "Improved regularization of convolutional neural
 * networks with cutout", 2017.
 *
 * @param size side of the square in pixels; the paper uses 16 for CIFAR-10, 8 for CIFAR-100
 */
@TypeName("cutout")
public record Cutout(@Default("16") int size) implements Augmentation {
    public Cutout {
        checkArgument(size > 0, "size must be positive, got %s", size);
    }

    @Override
    public boolean ofNormalized() {
        return true;
    }

    @Override
    public void apply(Image image, ImageShape wanted, RandomGenerator random) {
        Box box = Box.around(random, image.shape(), size, size);
        float[] values = image.values();
        for (int c = 0; c < image.shape().channels(); c++) {
            box.rows(image.shape(), c * image.shape().plane())
                    .forEach(row -> Arrays.fill(values, row, row + box.width(), 0f));
        }
    }
}
