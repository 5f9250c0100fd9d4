package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.data.Locations;
import io.residuum.vision.augment.Augmentation;
import io.residuum.vision.augment.HorizontalFlip;
import io.residuum.vision.augment.RandomCrop;
import io.residuum.vision.augment.RandomResizedCrop;
import io.residuum.vision.image.ImageShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Folders of images, one folder per class. A folder named {@code train}, {@code test}, {@code val}
 * or {@code validation} is a part if it holds folders. If it holds images, it is a class.
 */
record FolderSource(Locations where) implements DataSource {
    /** The side of photographs. A large random crop would lose the object of smaller images. */
    private static final int PHOTOGRAPH = 64;

    /** The number of bytes kept in memory: three times CIFAR. */
    private static final long MAX_MEMORY = 512L << 20;

    FolderSource {
        int plain = where.plain().size();
        boolean one = plain == 1 && where.train().isEmpty() && where.test().isEmpty();
        boolean parts = plain == 0 && where.train().size() <= 1 && where.test().size() <= 1;
        Stream<Path> all =
                Stream.of(where.train(), where.test(), where.plain()).flatMap(List::stream);
        if (!(one || parts) || !all.allMatch(Files::isDirectory)) {
            throw new DataException(
                    "folder must have one folder (folder:DIR) or one for each part"
                            + " (folder:train=DIR,test=DIR), got "
                            + where);
        }
    }

    @Override
    public DataSplits forTraining(ImageShape shape) {
        Path train = train().orElseThrow(() -> missing("train on", "folder:train=DIR"));
        List<String> classes = FolderImages.classesOf(train);
        return DataSplits.of(
                "pictures in " + train,
                open(train, classes, shape),
                test().map(test -> open(test, classes, shape)),
                shape,
                augmentation(shape));
    }

    @Override
    public ImageSet forEvaluation(ImageShape shape) {
        // For evaluation, a single folder of class folders is the test set.
        Path test =
                test().or(this::classFolders)
                        .orElseThrow(() -> missing("evaluate on", "folder:test=DIR"));
        List<String> classes = FolderImages.classesOf(train().orElse(test));
        return open(test, classes, shape);
    }

    private Optional<Path> train() {
        return where.train().stream().findFirst().or(() -> part("train")).or(this::classFolders);
    }

    private Optional<Path> test() {
        return where.test().stream()
                .findFirst()
                .or(() -> part("test"))
                .or(() -> part("val"))
                .or(() -> part("validation"));
    }

    private Optional<Path> classFolders() {
        boolean parts =
                Stream.of("train", "test", "val", "validation")
                        .anyMatch(name -> part(name).isPresent());
        return parts ? Optional.empty() : where.plain().stream().findFirst();
    }

    private Optional<Path> part(String name) {
        return where.plain().stream()
                .map(folder -> folder.resolve(name))
                .filter(FolderSource::holdsFolders)
                .findFirst();
    }

    private static boolean holdsFolders(Path folder) {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.anyMatch(Files::isDirectory);
        } catch (IOException e) {
            throw new DataException("cannot list " + folder + ": " + e, e);
        }
    }

    private DataException missing(String purpose, String fix) {
        return new DataException(
                String.format(
                        "folder has no pictures to %s; give %s, or a folder of class folders",
                        purpose, fix));
    }

    /** Decodes small images once, as decoding each epoch takes longer than training on them. */
    private static ImageSet open(Path folder, List<String> classes, ImageShape shape) {
        ImageSet set = FolderImages.open(folder, classes, shape);
        boolean fits = (long) set.size() * shape.length() <= MAX_MEMORY && classes.size() <= 256;
        return fits && isSmall(shape) ? ByteImages.copyOf(set) : set;
    }

    private static boolean isSmall(ImageShape shape) {
        return Math.min(shape.height(), shape.width()) < PHOTOGRAPH;
    }

    private static List<Augmentation> augmentation(ImageShape shape) {
        HorizontalFlip flip = new HorizontalFlip(0.5);
        return isSmall(shape)
                ? List.of(new RandomCrop(4), flip)
                : List.of(new RandomResizedCrop(0.08, 1, 3.0 / 4, 4.0 / 3), flip);
    }
}
