package io.residuum.vision.detect;

import io.residuum.data.DataException;
import io.residuum.vision.image.Image;
import java.util.List;

/**
 * A view of images with boxes whose labels count other names, see {@link DetectionSet#labelledBy}.
 *
 * @param base the images
 * @param classNames the names of the new labels
 */
record RelabelledDetections(DetectionSet base, List<String> classNames) implements DetectionSet {
    RelabelledDetections {
        classNames = List.copyOf(classNames);
        if (!classNames.containsAll(base.classNames())) {
            throw new DataException(
                    "the classes of the boxes must be among %s, got %s"
                            .formatted(classNames, base.classNames()));
        }
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
                .map(o -> new LabelledBox(label(o.label()), o.box(), o.kind()))
                .toList();
    }

    private int label(int before) {
        return classNames.indexOf(base.classNames().get(before));
    }

    @Override
    public boolean isVoc() {
        return base.isVoc();
    }
}
