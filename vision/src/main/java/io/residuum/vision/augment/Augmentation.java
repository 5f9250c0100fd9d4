package io.residuum.vision.augment;

import io.residuum.train.Transform;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;

/**
 * A random change of one image, as a plain record that a recipe can hold. It sees values in [0, 1];
 * only a {@link Cutout} at the end of a list sees normalized ones, whose mean is its zero.
 */
public interface Augmentation extends Transform {
    /**
     * Changes an image in place. All randomness comes from {@code random}.
     *
     * @param image the image
     * @param wanted the shape that the network reads; the image has it already, except before a
     *     {@link RandomResizedCrop}
     * @param random decides
     */
    void apply(Image image, ImageShape wanted, RandomGenerator random);
}
