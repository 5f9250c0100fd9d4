package io.residuum.vision.augment;

import io.residuum.train.Transform;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;

/**
 * A random transform of one image, as a plain record that a recipe can hold. Values are in [0, 1].
 * Only a {@link Cutout} at the end of a list sees normalized values, with mean 0.
 */
public interface Augmentation extends Transform {
    /**
     * Changes an image in place, with {@code random} as the only source of randomness.
     *
     * @param image the image
     * @param wanted the input shape of the network; the image already has it, except before a
     *     {@link RandomResizedCrop}
     * @param random the source of random numbers
     */
    void apply(Image image, ImageShape wanted, RandomGenerator random);
}
