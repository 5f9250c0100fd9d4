package io.residuum.vision.data;

import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.List;

/** Images, each with its mask of classes or another picture. Several threads read them at once. */
public interface ImagePairSet {

    /** {@return the number of pairs, at least 1} */
    int size();

    /** {@return the names of the pairs, without extension} */
    List<String> names();

    /** {@return true if the second pictures hold classes} */
    boolean areMasks();

    /**
     * Reads the first picture of a pair in its original size and channels.
     *
     * @param index the index of the pair
     * @param into receives values in [0, 1]
     * @throws io.residuum.data.DataException if it cannot be decoded
     */
    void readImage(int index, Image into);

    /**
     * Reads the second picture of a pair, resized: a picture bilinearly, a mask to the nearest
     * pixel.
     *
     * @param index the index of the pair
     * @param shape the shape to read
     * @param into receives values in [0, 1]; for masks the class plus 1 of each pixel, and 0 where
     *     it does not count
     * @throws io.residuum.data.DataException if it cannot be decoded, or a mask does not hold
     *     classes
     */
    void readTarget(int index, ImageShape shape, Image into);
}
