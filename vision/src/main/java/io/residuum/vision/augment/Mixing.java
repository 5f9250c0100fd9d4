package io.residuum.vision.augment;

import io.residuum.train.BatchTransform;
import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;

/**
 * Mixes the images of a batch, and their targets, in pairs. Image i is paired with image n - 1 - i.
 * In a shuffled batch this is a random partner, and both can be mixed in place.
 */
public interface Mixing extends BatchTransform {
    /**
     * Mixes a batch in place.
     *
     * @param images (size, channels, height, width)
     * @param shape the shape of each image
     * @param targets (size, classes); rows sum to 1 before and after
     * @param size the number of images
     * @param random the source of random numbers
     */
    void apply(float[] images, ImageShape shape, float[] targets, int size, RandomGenerator random);
}
