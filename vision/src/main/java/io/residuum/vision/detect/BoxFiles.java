package io.residuum.vision.detect;

import io.residuum.data.DataException;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.PictureReader;
import java.nio.file.Path;
import java.util.List;

/**
 * Picture files with boxes.
 *
 * @param classNames the names of the classes, by label
 * @param pictures the pictures, at least one
 * @param reader the decoder of pictures
 * @param isVoc true for pictures of PASCAL VOC
 */
record BoxFiles(
        List<String> classNames, List<AnnotatedImage> pictures, PictureReader reader, boolean isVoc)
        implements DetectionSet {

    /** A picture and its objects. */
    record AnnotatedImage(Path file, List<LabelledBox> objects) {
        AnnotatedImage {
            objects = List.copyOf(objects);
        }
    }

    BoxFiles {
        classNames = List.copyOf(classNames);
        pictures = List.copyOf(pictures);
    }

    /** Requires pictures, and files for all of them. */
    static List<AnnotatedImage> checked(Path source, List<AnnotatedImage> pictures) {
        if (pictures.isEmpty()) {
            throw new DataException(source + ": must have one picture or more, found none");
        }
        for (AnnotatedImage picture : pictures) {
            if (!picture.file().toFile().isFile()) {
                throw new DataException(
                        "%s: names the picture %s, found no such file"
                                .formatted(source, picture.file()));
            }
        }
        return pictures;
    }

    /** Returns the label of a class that a file names. */
    static int label(Path file, String name, List<String> classNames) {
        int label = classNames.indexOf(name);
        if (label < 0) {
            throw new DataException(
                    "%s: a class must be one of %s, got \"%s\"".formatted(file, classNames, name));
        }
        return label;
    }

    /** Returns an object; one without pixels counts for nothing. */
    static LabelledBox object(int label, BoundingBox box, LabelledBox.Kind kind) {
        boolean empty = box.width() <= 0 || box.height() <= 0;
        return new LabelledBox(label, box, empty ? LabelledBox.Kind.IGNORED : kind);
    }

    @Override
    public int size() {
        return pictures.size();
    }

    @Override
    public void readImage(int index, Image into) {
        reader.read(pictures.get(index).file(), into);
    }

    @Override
    public List<LabelledBox> objects(int index) {
        return pictures.get(index).objects();
    }
}
