package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.data.Locations;
import io.residuum.files.FileErrors;
import io.residuum.vision.augment.Augmentation;
import io.residuum.vision.augment.HorizontalFlip;
import io.residuum.vision.augment.RandomCrop;
import io.residuum.vision.augment.RandomResizedCrop;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Folders of images, one folder per class. A folder named {@code train}, {@code test}, {@code val},
 * {@code valid} or {@code validation} is a part if it holds folders. If it holds images, it is a
 * class.
 */
record FolderSource(Locations where) implements DataSource {
    /** The side of photographs. A large random crop would lose the object of smaller images. */
    private static final int PHOTOGRAPH = 64;

    /** The number of bytes kept in memory: three times CIFAR. */
    private static final long MAX_MEMORY = 512L << 20;

    private static final List<String> VALIDATION = List.of("val", "valid", "validation");

    FolderSource {
        boolean one = where.plain().size() == 1 && where.all().size() == 1;
        boolean parts =
                where.plain().isEmpty()
                        && Stream.of(where.train(), where.validation(), where.test())
                                .allMatch(part -> part.size() <= 1);
        if (!(one || parts) || !where.all().stream().allMatch(Files::isDirectory)) {
            throw new DataException(
                    "folder must have one folder (folder:DIR) or one for each part"
                            + " (folder:train=DIR,val=DIR,test=DIR), got "
                            + where);
        }
    }

    @Override
    public DataSplits forTraining(ImageShape shape, LoadOptions options) {
        Path train = train().orElseThrow(() -> missing("train on", "folder:train=DIR"));
        noteUnread(options.listener());
        List<String> classes = new PictureFiles(train).classes();
        String source = "pictures in " + train;
        ImageSet images = open(train, classes, shape, options, true);
        Optional<ImageSet> validation =
                validation().map(part -> open(part, classes, shape, options, true));
        Optional<ImageSet> test = test().map(part -> open(part, classes, shape, options, true));
        List<Augmentation> usual = augmentation(shape);
        return validation.isPresent()
                ? new DataSplits(source, images, validation, test, OptionalDouble.empty(), usual)
                : DataSplits.holdingOut(source, images, test, options.validation(), usual);
    }

    @Override
    public ImageSet forEvaluation(ImageShape shape, LoadOptions options) {
        // For evaluation, a single folder of class folders is the test set.
        Path test =
                test().or(this::validation)
                        .or(this::classFolders)
                        .orElseThrow(() -> missing("evaluate on", "folder:test=DIR"));
        List<String> classes = new PictureFiles(train().orElse(test)).classes();
        return open(test, classes, shape, options, options.skipDamaged());
    }

    /** Notes the pictures beside the parts, such as those of a folder {@code dev}. */
    private void noteUnread(LoadListener listener) {
        List<Path> parts =
                Stream.of(train(), validation(), test()).flatMap(Optional::stream).toList();
        for (Path root : where.plain()) {
            if (!parts.contains(root)) {
                PictureFiles.beside(root, parts).ifPresent(listener::leftOut);
            }
        }
    }

    private Optional<Path> train() {
        return first(where.train()).or(() -> part("train")).or(this::classFolders);
    }

    private Optional<Path> validation() {
        return first(where.validation())
                .or(
                        () ->
                                VALIDATION.stream()
                                        .map(this::part)
                                        .flatMap(Optional::stream)
                                        .findFirst());
    }

    private Optional<Path> test() {
        return first(where.test()).or(() -> part("test"));
    }

    private static Optional<Path> first(List<Path> paths) {
        return paths.stream().findFirst();
    }

    private Optional<Path> classFolders() {
        boolean parts = part("train").isPresent() || validation().isPresent() || test().isPresent();
        return parts ? Optional.empty() : first(where.plain());
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
            throw new DataException("cannot list " + folder + ": " + FileErrors.reason(e), e);
        }
    }

    private DataException missing(String purpose, String fix) {
        return new DataException(
                String.format(
                        "%s: no pictures to %s; give %s, or a folder of class folders",
                        where.all().stream().map(Path::toString).collect(Collectors.joining(", ")),
                        purpose,
                        fix));
    }

    /** Decodes small images once, as decoding each epoch takes longer than training on them. */
    private static ImageSet open(
            Path folder,
            List<String> classes,
            ImageShape shape,
            LoadOptions options,
            boolean checks) {
        FolderImages set = FolderImages.open(folder, classes, shape, options);
        PictureCheck check = new PictureCheck(folder, options);
        boolean fits = (long) set.size() * shape.length() <= MAX_MEMORY && classes.size() <= 256;
        if (fits && isSmall(shape)) {
            return check.intact(ByteImages.copyOf(set, check));
        }
        if (checks) {
            check.run(set.size(), i -> set.readOriginal(i, new Image()));
        }
        return check.intact(set);
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
