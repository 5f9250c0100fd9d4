package io.residuum.vision.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hasher;
import io.residuum.data.DataException;
import io.residuum.data.Seeds;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * A labelled set of images of one shape, addressed by index. Sets are immutable and safe to read
 * from many threads. Every label is in [0, number of classes). A set with another label fails when
 * it is opened.
 */
public interface ImageSet {
    /** {@return the number of images, at least 1} */
    int size();

    /** {@return the shape of every image that {@link #read} reads} */
    ImageShape shape();

    /** {@return the names of the classes, indexed by label} */
    List<String> classNames();

    /** {@return the label of the image with an index} */
    int label(int index);

    /**
     * {@return the name of an image in files of predictions, for instance its path in the folder}
     * By default its index.
     *
     * @param index the index of the image
     */
    default String name(int index) {
        return Integer.toString(index);
    }

    /**
     * Reads an image into a buffer, in [0, 1] and in this set's shape.
     *
     * @param index the index of the image
     * @param into the buffer
     * @throws DataException if its file cannot be read
     */
    void read(int index, Image into);

    /**
     * Reads an image before the set crops and resizes it, for random crops. Only the channels are
     * those of the set.
     *
     * @param index the index of the image
     * @param into the buffer
     * @throws DataException if its file cannot be read
     */
    default void readOriginal(int index, Image into) {
        read(index, into);
    }

    /**
     * {@return a hash of the images and labels, which stays the same in another folder or on
     * another machine} By default it covers the number of images, all labels, and the values of at
     * most 64 images, spread evenly over the set.
     */
    default String fingerprint() {
        Hasher hasher = Fingerprints.begin(this);
        Image image = new Image();
        for (int index : Fingerprints.sample(size())) {
            read(index, image);
            for (int i = 0; i < shape().length(); i++) {
                hasher.putFloat(image.values()[i]);
            }
        }
        return hasher.hash().toString();
    }

    /** {@return a view of the images with these indices, in this order} */
    default ImageSet subset(int[] indices) {
        return new Subset(this, indices);
    }

    /** {@return a view of at most {@code count} images, the first ones} */
    default ImageSet limit(int count) {
        checkArgument(count > 0, "a set must keep at least 1 image, got limit %s", count);
        return count >= size() ? this : subset(IntStream.range(0, count).toArray());
    }

    /**
     * Splits the set at random, class by class, so that both parts keep the proportions of the
     * classes.
     *
     * @param fraction the part of each class to hold out, in (0, 1)
     * @param seed the seed; the same seed gives the same parts
     * @return the parts, each in the order of this set
     */
    default Split split(double fraction, long seed) {
        checkArgument(fraction > 0 && fraction < 1, "fraction must be in (0, 1), got %s", fraction);
        int[] labels = IntStream.range(0, size()).map(this::label).toArray();
        boolean[] out = Seeds.stratified(labels, fraction, seed);
        int[] held = all(i -> out[i]);
        int[] kept = all(i -> !out[i]);
        if (held.length == 0 || kept.length == 0) {
            throw new DataException(
                    String.format(
                            "%d images are too few to hold out a share of %s of each class; give"
                                    + " validation images, or hold out nothing (--validation 0)",
                            size(), fraction));
        }
        return new Split(subset(kept), subset(held));
    }

    private int[] all(IntPredicate wanted) {
        return IntStream.range(0, size()).filter(wanted).toArray();
    }

    /**
     * {@return a view of this set in the input shape of a network, or this set if the shape is
     * equal}
     *
     * <p>Gray is repeated for RGB, and RGB is mixed to luma for gray. Up to 4 missing rows and
     * columns are added as zeros around the image (28x28 to 32x32, as LeNet-5 does with MNIST). Any
     * other size is reached by bilinear resizing with antialiasing.
     *
     * @param wanted the input shape
     */
    default ImageSet adaptedTo(ImageShape wanted) {
        return wanted.equals(shape()) ? this : new AdaptedSet(this, wanted);
    }

    /**
     * {@return a view of this set with labels for other names, such as those of a network}
     *
     * @param names the names of the new labels; all classes of this set are among them
     * @throws DataException if a class is not among them
     */
    default ImageSet labelledBy(List<String> names) {
        return names.equals(classNames()) ? this : new RelabelledSet(this, names);
    }

    /**
     * {@return the normalization that gives these images mean 0 and standard deviation 1 per
     * channel}
     *
     * @param limit the largest number of images to measure, spread evenly over the set
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
            // A channel without contrast keeps its scale.
            std[c] = variance > 1e-10 ? Math.sqrt(variance) : 1.0;
        }
        return new Normalize(List.of(mean), List.of(std));
    }

    /**
     * Two disjoint parts of a set.
     *
     * @param kept remaining images
     * @param heldOut held-out images
     */
    record Split(ImageSet kept, ImageSet heldOut) {}
}
