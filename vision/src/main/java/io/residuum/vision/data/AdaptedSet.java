package io.residuum.vision.data;

import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.List;

/** A view of a set in another shape, see {@link ImageSet#adaptedTo}. */
final class AdaptedSet implements ImageSet {
    private static final int MAX_BORDER = 4;

    private final ImageSet base;
    private final ImageShape shape;
    private final boolean pad;

    AdaptedSet(ImageSet base, ImageShape shape) {
        this.base = base;
        this.shape = shape;
        int rows = shape.height() - base.shape().height();
        int columns = shape.width() - base.shape().width();
        pad = rows >= 0 && rows <= MAX_BORDER && columns >= 0 && columns <= MAX_BORDER;
    }

    @Override
    public int size() {
        return base.size();
    }

    @Override
    public ImageShape shape() {
        return shape;
    }

    @Override
    public List<String> classNames() {
        return base.classNames();
    }

    @Override
    public int label(int index) {
        return base.label(index);
    }

    @Override
    public String name(int index) {
        return base.name(index);
    }

    @Override
    public void read(int index, Image into) {
        base.read(index, into);
        into.convertTo(shape.channels());
        if (pad) {
            into.centerCrop(shape.height(), shape.width());
        } else {
            into.resize(shape.height(), shape.width());
        }
    }

    @Override
    public void readOriginal(int index, Image into) {
        base.readOriginal(index, into);
        into.convertTo(shape.channels());
    }

    @Override
    public String fingerprint() {
        return base.fingerprint();
    }
}
