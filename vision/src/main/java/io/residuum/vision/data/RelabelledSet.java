package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.List;

/** A view of a set whose labels count other names, see {@link ImageSet#labelledBy}. */
final class RelabelledSet implements ImageSet {
    private final ImageSet base;
    private final List<String> classNames;
    private final int[] labels;

    RelabelledSet(ImageSet base, List<String> classNames) {
        this.base = base;
        this.classNames = List.copyOf(classNames);
        this.labels = base.classNames().stream().mapToInt(this.classNames::indexOf).toArray();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0) {
                throw new DataException(
                        "the classes of the images must be among %s, got \"%s\""
                                .formatted(classNames, base.classNames().get(i)));
            }
        }
    }

    @Override
    public int size() {
        return base.size();
    }

    @Override
    public ImageShape shape() {
        return base.shape();
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public int label(int index) {
        return labels[base.label(index)];
    }

    @Override
    public String name(int index) {
        return base.name(index);
    }

    @Override
    public void read(int index, Image into) {
        base.read(index, into);
    }

    @Override
    public void readOriginal(int index, Image into) {
        base.readOriginal(index, into);
    }

    @Override
    public String fingerprint() {
        return base.fingerprint();
    }
}
