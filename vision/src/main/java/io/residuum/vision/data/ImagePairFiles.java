package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.PictureReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A folder of pairs: {@code images/} and {@code masks/} or {@code targets/}, whose pictures have
 * the same names up to the extension. Masks hold the class of each pixel as gray value or palette
 * index, 255 for one that does not count. Targets are pictures with values in [0, 1].
 */
public final class ImagePairFiles implements ImagePairSet {
    private final List<String> names;
    private final List<Path> images;
    private final List<Path> targets;
    private final boolean masks;
    private final PictureReader reader;

    private ImagePairFiles(
            Map<String, Path> images,
            Map<String, Path> targets,
            boolean masks,
            PictureReader reader) {
        this.names = List.copyOf(images.keySet());
        this.images = List.copyOf(images.values());
        this.targets = names.stream().map(targets::get).toList();
        this.masks = masks;
        this.reader = reader;
    }

    /** {@return true if a folder holds pairs, by the names of its folders} */
    public static boolean isIn(Path folder) {
        return Files.isDirectory(folder.resolve("images"))
                && Files.isDirectory(folder.resolve("masks"))
                        != Files.isDirectory(folder.resolve("targets"));
    }

    /**
     * {@return true if the second pictures of a folder hold classes}
     *
     * @param folder a folder of pairs
     */
    public static boolean hasMasks(Path folder) {
        return Files.isDirectory(folder.resolve("masks"));
    }

    /**
     * Lists the pairs of a folder.
     *
     * @param reader the decoder of pictures
     * @return the pairs, sorted by name
     * @throws DataException if a folder is missing, or a picture has no partner
     */
    public static ImagePairFiles open(Path folder, PictureReader reader) {
        boolean masks = hasMasks(folder);
        if (!isIn(folder)) {
            throw new DataException(
                    "%s: pairs need the folder images and one of masks (classes) and targets (pictures)"
                            .formatted(folder));
        }
        Path second = folder.resolve(masks ? "masks" : "targets");
        Map<String, Path> images = pictures(folder.resolve("images"));
        Map<String, Path> targets = pictures(second);
        requirePartners(images, targets, second);
        requirePartners(targets, images, folder.resolve("images"));
        return new ImagePairFiles(images, targets, masks, reader);
    }

    private static void requirePartners(
            Map<String, Path> these, Map<String, Path> others, Path folder) {
        List<String> alone = new ArrayList<>(these.keySet());
        alone.removeAll(others.keySet());
        if (!alone.isEmpty()) {
            throw new DataException(
                    "%s: must have a partner in %s with the same name, found none (%d pictures have none)"
                            .formatted(these.get(alone.get(0)), folder, alone.size()));
        }
    }

    /** Returns the pictures below a folder by their path without extension. */
    private static Map<String, Path> pictures(Path folder) {
        Map<String, Path> named = new TreeMap<>();
        for (Path file : PictureFiles.below(folder, LoadListener.LOG)) {
            String name = folder.relativize(file).toString().replace('\\', '/');
            Path other = named.put(name.substring(0, name.lastIndexOf('.')), file);
            if (other != null) {
                throw new DataException(
                        "%s and %s have one name, so their partners are ambiguous: remove one"
                                .formatted(other, file));
            }
        }
        return named;
    }

    @Override
    public int size() {
        return names.size();
    }

    @Override
    public List<String> names() {
        return names;
    }

    @Override
    public boolean areMasks() {
        return masks;
    }

    @Override
    public void readImage(int index, Image into) {
        reader.read(images.get(index), into);
    }

    @Override
    public void readTarget(int index, ImageShape shape, Image into) {
        if (masks) {
            LabelMap.read(
                    targets.get(index), reader.maxPixels(), shape.height(), shape.width(), into);
            return;
        }
        reader.read(targets.get(index), into);
        into.convertTo(shape.channels());
        into.resize(shape.height(), shape.width());
    }
}
