package io.residuum.vision.augment;

import io.residuum.train.BatchTransform;
import io.residuum.vision.image.ImageShape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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

    /** {@return the weight in the draw of one of several ways to mix, positive. Default: 1} */
    default double weight() {
        return 1;
    }

    /** {@return the probability that a batch is mixed if this way is drawn. Default: 1} */
    default double probability() {
        return 1;
    }

    /**
     * Draws one of several ways to mix, by their weights, and then whether it is used.
     *
     * @param mixings the ways
     * @param random the source of random numbers
     * @return the way; empty if the batch is not mixed
     */
    static Optional<Mixing> draw(List<Mixing> mixings, RandomGenerator random) {
        double[] weights = mixings.stream().mapToDouble(Mixing::weight).toArray();
        boolean equal = Arrays.stream(weights).allMatch(w -> w == weights[0]);
        int index = equal ? random.nextInt(weights.length) : Pairs.draw(weights, random);
        Mixing drawn = mixings.get(index);
        return drawn.probability() == 1 || random.nextDouble() < drawn.probability()
                ? Optional.of(drawn)
                : Optional.empty();
    }
}
