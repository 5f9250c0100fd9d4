package io.residuum.vision.augment;

import io.residuum.train.BatchTransform;
import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;

/**
 * Mixes the images of a batch in pairs, and their targets with them. Image i is paired with image n
 * - 1 - i: in a shuffled batch that is a random partner, and both can be mixed in place.
 */
public interface Mixing extends BatchTransform {
    /**
     * Mixes a batch in place.
     *
     * @param images (size, channels, height, width)
     * @param shape of each image
     * @param targets (size, classes), rows that sum to 1; they still do afterwards
     * @param size number of images
     * @param random decides
     */
    void apply(float[] images, ImageShape shape, float[] targets, int size, RandomGenerator random);
}
