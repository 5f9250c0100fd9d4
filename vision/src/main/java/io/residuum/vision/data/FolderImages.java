package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Pictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Images in one folder per class, decoded when they are read. For evaluation the shorter side is
 * resized to 256/224 of the target size and the centre is cropped (He et al. 2015, "Deep residual
 * learning", section 3.4). An image is never enlarged for this margin, so images of exactly the
 * target size stay unchanged.
 */
final class FolderImages implements ImageSet {
    private final ImageShape shape;
    private final List<String> classNames;
    private final List<Path> files;
    private final int[] labels;

    private FolderImages(
            ImageShape shape, List<String> classNames, List<Path> files, int[] labels) {
        this.shape = shape;
        this.classNames = classNames;
        this.files = files;
        this.labels = labels;
    }

    /** {@return the class folders of a folder, sorted by name} */
    static List<String> classesOf(Path folder) {
        List<String> names =
                entries(folder).stream()
                        .filter(Files::isDirectory)
                        .map(path -> path.getFileName().toString())
                        .filter(name -> !name.startsWith("."))
                        .toList();
        if (names.isEmpty()) {
            throw new DataException(
                    folder + " must hold one folder of pictures for each class, but holds none");
        }
        return names;
    }

    /** Lists the images under each class folder of {@code folder} without decoding them. */
    static ImageSet open(Path folder, List<String> classNames, ImageShape shape) {
        List<Path> files = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (String name : classesOf(folder)) {
            int label = classNames.indexOf(name);
            if (label < 0) {
                throw new DataException(
                        String.format(
                                "%s is not a class of the training set, whose classes are %s",
                                folder.resolve(name), classNames));
            }
            List<Path> pictures = picturesUnder(folder.resolve(name));
            if (pictures.isEmpty()) {
                throw new DataException(
                        folder.resolve(name) + " must hold JPEG or PNG pictures, but holds none");
            }
            for (Path picture : pictures) {
                files.add(picture);
                labels.add(label);
            }
        }
        int[] all = labels.stream().mapToInt(Integer::intValue).toArray();
        return new FolderImages(shape, List.copyOf(classNames), List.copyOf(files), all);
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public ImageShape shape() {
        return shape;
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public void readOriginal(int index, Image into) {
        Pictures.read(files.get(index), into);
        into.convertTo(shape.channels());
    }

    @Override
    public void read(int index, Image into) {
        readOriginal(index, into);
        into.fit(shape.height(), shape.width());
    }

    private static List<Path> picturesUnder(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .filter(FolderImages::isPicture)
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
        } catch (IOException e) {
            throw new DataException("cannot list " + folder + ": " + e, e);
        }
    }

    private static boolean isPicture(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return !name.startsWith(".")
                && (name.endsWith(".jpg") || name.endsWith(".jpeg") || name.endsWith(".png"));
    }

    private static List<Path> entries(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted(Comparator.comparing(path -> path.getFileName().toString())).toList();
        } catch (IOException e) {
            throw new DataException("cannot list " + folder + ": " + e, e);
        }
    }
}
