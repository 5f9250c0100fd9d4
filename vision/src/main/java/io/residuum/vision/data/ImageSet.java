package io.residuum.vision.data;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.data.DataException;
import io.residuum.data.Seeds;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A labelled set of images of one shape, addressed by index. Sets are immutable and safe to read
 * from many threads. Every label is in [0, number of classes): a set that would break this fails
 * when it is opened.
 */
public interface ImageSet {
    /**
     * Returns the number of images.
     *
     * @return the size, at least 1
     */
    int size();

    /**
     * Returns the shape that {@link #read} gives every image.
     *
     * @return the shape
     */
    ImageShape shape();

    /**
     * Returns the names of the classes; a label is an index into them.
     *
     * @return the names
     */
    List<String> classNames();

    /**
     * Returns the label of an image.
     *
     * @param index of the image
     * @return its class
     */
    int label(int index);

    /**
     * Reads an image, in [0, 1] and of this set's shape, into a buffer.
     *
     * @param index of the image
     * @param into the buffer
     * @throws DataException if its file cannot be read
     */
    void read(int index, Image into);

    /**
     * Reads an image as it was before the set cut and resized it to its shape; only the channels
     * are the set's. This is what random crops are taken from.
     *
     * @param index of the image
     * @param into the buffer
     * @throws DataException if its file cannot be read
     */
    default void readOriginal(int index, Image into) {
        read(index, into);
    }

    /**
     * Returns some of the images.
     *
     * @param indices which, in the order wanted
     * @return a view of this set
     */
    default ImageSet subset(int[] indices) {
        return new Subset(this, indices);
    }

    /**
     * Returns the first images.
     *
     * @param count how many at most
     * @return a view of this set
     */
    default ImageSet limit(int count) {
        checkArgument(count > 0, "a set must keep at least 1 image, got limit %s", count);
        return count >= size() ? this : subset(IntStream.range(0, count).toArray());
    }

    /**
     * Divides the set at random, class by class, so that both parts have the classes in the same
     * proportions.
     *
     * @param fraction how much of each class to hold out, in (0, 1)
     * @param seed decides which; the same seed gives the same parts
     * @return the parts, each in the order of this set
     */
    default Split split(double fraction, long seed) {
        checkArgument(fraction > 0 && fraction < 1, "fraction must be in (0, 1), got %s", fraction);
        int[] quota = new int[classNames().size()];
        for (int i = 0; i < size(); i++) {
            quota[label(i)]++;
        }
        Arrays.setAll(quota, label -> (int) Math.round(fraction * quota[label]));
        boolean[] out = new boolean[size()];
        for (int index : Seeds.permutation(size(), Seeds.random(seed))) {
            out[index] = quota[label(index)]-- > 0;
        }
        int[] held = IntStream.range(0, size()).filter(i -> out[i]).toArray();
        int[] kept = IntStream.range(0, size()).filter(i -> !out[i]).toArray();
        if (held.length == 0 || kept.length == 0) {
            throw new DataException(
                    String.format(
                            "%d images are too few to hold out a fraction of %s: give a test set",
                            size(), fraction));
        }
        return new Split(subset(kept), subset(held));
    }

    /**
     * Returns this set in the shape that a network reads. Channels are repeated (gray to RGB) or
     * mixed to luma (RGB to gray). Up to 4 missing rows and columns are added as zeros around the
     * image (28x28 to 32x32, as LeNet-5 does with MNIST); any other difference is resized, bilinear
     * with antialiasing.
     *
     * @param wanted the network's input
     * @return this set, or a view of it
     */
    default ImageSet adaptedTo(ImageShape wanted) {
        return wanted.equals(shape()) ? this : new AdaptedSet(this, wanted);
    }

    /**
     * Measures the mean and standard deviation of each channel over the pixels of this set.
     *
     * @param limit how many images to measure at most, spread evenly over the set
     * @return the normalization that gives these images mean 0 and standard deviation 1
     */
    default Normalize measuredNormalization(int limit) {
        int channels = shape().channels();
        int plane = shape().plane();
        double[] sum = new double[channels];
        double[] squares = new double[channels];
        Image image = new Image();
        int count = Math.min(limit, size());
        for (int i = 0; i < count; i++) {
            read((int) ((long) i * size() / count), image);
            float[] values = image.values();
            for (int c = 0; c < channels; c++) {
                for (int p = c * plane; p < (c + 1) * plane; p++) {
                    sum[c] += values[p];
                    squares[c] += (double) values[p] * values[p];
                }
            }
        }
        Double[] mean = new Double[channels];
        Double[] std = new Double[channels];
        double n = (double) count * plane;
        for (int c = 0; c < channels; c++) {
            mean[c] = sum[c] / n;
            double variance = squares[c] / n - mean[c] * mean[c];
            // a channel without contrast stays as it is
            std[c] = variance > 1e-10 ? Math.sqrt(variance) : 1.0;
        }
        return new Normalize(List.of(mean), List.of(std));
    }

    /**
     * Two disjoint parts of a set.
     *
     * @param kept what is left
     * @param heldOut what was taken out
     */
    record Split(ImageSet kept, ImageSet heldOut) {}
}
