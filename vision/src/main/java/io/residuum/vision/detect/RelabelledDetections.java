package io.residuum.vision.detect;

import io.residuum.data.ClassNames;
import io.residuum.vision.image.Image;
import java.util.List;

/** A view of images with boxes with labels for other names, see {@link DetectionSet#labelledBy}. */
final class RelabelledDetections implements DetectionSet {
    private final DetectionSet base;
    private final List<String> classNames;
    private final int[] labels;

    RelabelledDetections(DetectionSet base, List<String> classNames) {
        this.base = base;
        this.classNames = List.copyOf(classNames);
        this.labels = ClassNames.labels(base.classNames(), classNames);
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public int size() {
        return base.size();
    }

    @Override
    public void readImage(int index, Image into) {
        base.readImage(index, into);
    }

    @Override
    public List<LabelledBox> objects(int index) {
        return base.objects(index).stream()
                .map(o -> new LabelledBox(labels[o.label()], o.box(), o.kind()))
                .toList();
    }

    @Override
    public boolean isVoc() {
        return base.isVoc();
    }
}
