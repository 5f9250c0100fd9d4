package io.residuum.vision.detect;

import io.residuum.vision.image.Image;
import java.util.List;

/** Images with the boxes of their objects. Several threads read them at once. */
public interface DetectionSet {

    /** {@return the number of images, at least 1} */
    int size();

    /** {@return the names of the classes, by label} */
    List<String> classNames();

    /**
     * Reads an image in its original size and channels.
     *
     * @param index its index, in [0, size)
     * @param into receives values in [0, 1]
     * @throws io.residuum.data.DataException if it cannot be decoded
     */
    void readImage(int index, Image into);

    /**
     * {@return the objects of an image, in its pixels}
     *
     * @param index its index, in [0, size)
     */
    List<LabelledBox> objects(int index);

    /** {@return true to measure {@link VocAveragePrecision} too. Default: false} */
    default boolean isVoc() {
        return false;
    }

    /**
     * {@return a view of these images with labels for other names, such as those of a network}
     *
     * @param names the names of the new labels; all classes of this set are among them
     * @throws io.residuum.data.DataException if a class is not among them
     */
    default DetectionSet labelledBy(List<String> names) {
        return names.equals(classNames()) ? this : new RelabelledDetections(this, names);
    }

    /**
     * {@return a view of the images with these indices, in this order}
     *
     * @param indices the indices, at least one
     */
    default DetectionSet subset(int... indices) {
        int[] kept = indices.clone();
        DetectionSet all = this;
        return new DetectionSet() {
            @Override
            public int size() {
                return kept.length;
            }

            @Override
            public List<String> classNames() {
                return all.classNames();
            }

            @Override
            public boolean isVoc() {
                return all.isVoc();
            }

            @Override
            public void readImage(int index, Image into) {
                all.readImage(kept[index], into);
            }

            @Override
            public List<LabelledBox> objects(int index) {
                return all.objects(kept[index]);
            }
        };
    }
}
