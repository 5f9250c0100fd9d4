package io.residuum.vision.shapes;

import io.residuum.data.Seeds;
import io.residuum.vision.data.ImagePairSet;
import io.residuum.vision.detect.DetectionSet;
import io.residuum.vision.detect.LabelledBox;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Generated images of shapes, in any size, with masks and boxes. Image i depends only on the seed,
 * the part and i, and is the same on every platform. In masks 0 is the background, and a shape has
 * its label plus 1.
 *
 * @param size the number of images
 * @param seed the seed
 * @param part the number of the part; parts never share an image
 * @param shape the size of the images, with 3 channels
 */
record ShapeSet(int size, long seed, int part, ImageShape shape)
        implements ImagePairSet, DetectionSet {

    private ShapeScene scene(int index) {
        return new ShapeScene(Seeds.random(seed, part, index));
    }

    @Override
    public List<String> classNames() {
        return ShapeScene.NAMES;
    }

    @Override
    public List<String> names() {
        return IntStream.range(0, size)
                .mapToObj(i -> "shapes %d of part %d (seed %d)".formatted(i, part, seed))
                .toList();
    }

    @Override
    public boolean areMasks() {
        return true;
    }

    @Override
    public void readImage(int index, Image into) {
        scene(index).paint(shape, into);
    }

    @Override
    public void readTarget(int index, ImageShape wanted, Image into) {
        scene(index).mask(wanted, into);
    }

    @Override
    public List<LabelledBox> objects(int index) {
        return scene(index).objects(shape.height(), shape.width());
    }
}
