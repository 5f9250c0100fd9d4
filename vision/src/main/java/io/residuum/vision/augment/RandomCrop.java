package io.residuum.vision.augment;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;

/**
 * Pads the image with zeros and crops a random window of the original size: the CIFAR augmentation
 * of He et al., "Deep residual learning for image recognition", 2015, section 4.2.
 *
 * @param padding zeros on each side, in pixels; the paper uses 4. Default: 4
 */
@TypeName("randomCrop")
public record RandomCrop(@Default("4") int padding) implements Augmentation {
    public RandomCrop {
        checkArgument(padding >= 0, "padding must be 0 or more, got %s", padding);
    }

    @Override
    public void apply(Image image, ImageShape wanted, RandomGenerator random) {
        int top = random.nextInt(2 * padding + 1) - padding;
        int left = random.nextInt(2 * padding + 1) - padding;
        image.crop(top, left, image.shape().height(), image.shape().width());
    }
}
