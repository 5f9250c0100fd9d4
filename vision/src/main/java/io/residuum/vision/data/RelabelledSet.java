package io.residuum.vision.data;

import io.residuum.data.ClassNames;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.List;

/** A view of a set with labels for other names, see {@link ImageSet#labelledBy}. */
final class RelabelledSet implements ImageSet {
    private final ImageSet base;
    private final List<String> classNames;
    private final int[] labels;

    RelabelledSet(ImageSet base, List<String> classNames) {
        this.base = base;
        this.classNames = List.copyOf(classNames);
        this.labels = ClassNames.labels(base.classNames(), classNames);
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
