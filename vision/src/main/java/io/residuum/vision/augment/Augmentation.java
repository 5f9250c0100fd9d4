package io.residuum.vision.augment;

import io.residuum.train.Transform;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;

/**
 * A random transform of one image, as a plain record that a recipe can hold. Values are in [0, 1].
 * Only {@link Cutout} and others {@link #ofNormalized} at the end of a list see normalized values,
 * with mean 0.
 */
public interface Augmentation extends Transform {
    /**
     * Changes an image in place, with {@code random} as the only source of randomness.
     *
     * @param wanted the shape of the images of the batch, usually the input shape of the network;
     *     the image already has it, except before a {@link RandomResizedCrop}
     * @param random the source of random numbers
     */
    void apply(Image image, ImageShape wanted, RandomGenerator random);

    /** {@return true if this transform, at the end of a list, changes normalized values} */
    default boolean ofNormalized() {
        return false;
    }
}
