package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.data.Locations;
import io.residuum.vision.augment.Augmentation;
import io.residuum.vision.augment.HorizontalFlip;
import io.residuum.vision.augment.RandomCrop;
import io.residuum.vision.image.ImageShape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/** CIFAR binary files: a folder with the standard names, or files with any name. */
record CifarSource(CifarFiles format, Locations where) implements DataSource {
    static final List<Augmentation> AUGMENTATION =
            List.of(new RandomCrop(4), new HorizontalFlip(0.5));

    @Override
    public DataSplits forTraining(ImageShape shape, LoadOptions options) {
        List<Path> train = new ArrayList<>(expand(where.train(), format::trainIn));
        train.addAll(expand(where.plain(), format::trainIn));
        if (train.isEmpty()) {
            throw missing("train on");
        }
        Optional<ImageSet> test = read(testFiles(), shape);
        Optional<ImageSet> validation = read(where.validation(), shape);
        String source = name() + " from " + show(train);
        ImageSet images = format.read(train).adaptedTo(shape);
        return validation.isPresent()
                ? new DataSplits(
                        source, images, validation, test, OptionalDouble.empty(), AUGMENTATION)
                : DataSplits.holdingOut(source, images, test, options.validation(), AUGMENTATION);
    }

    private Optional<ImageSet> read(List<Path> files, ImageShape shape) {
        return files.isEmpty()
                ? Optional.empty()
                : Optional.of(format.read(files).adaptedTo(shape));
    }

    @Override
    public ImageSet forEvaluation(ImageShape shape, LoadOptions options) {
        List<Path> test = new ArrayList<>(testFiles());
        if (test.isEmpty()) {
            test.addAll(where.validation());
        }
        if (test.isEmpty()) {
            test.addAll(where.plain().stream().filter(Files::isRegularFile).toList());
        }
        if (test.isEmpty()) {
            throw missing("evaluate on");
        }
        return format.read(test).adaptedTo(shape);
    }

    private List<Path> testFiles() {
        List<Path> files = new ArrayList<>(expand(where.test(), format::testIn));
        where.plain().stream()
                .filter(Files::isDirectory)
                .map(format::testIn)
                .forEach(files::addAll);
        return files;
    }

    private static List<Path> expand(List<Path> paths, Function<Path, List<Path>> inFolder) {
        return paths.stream()
                .flatMap(
                        path ->
                                Files.isDirectory(path)
                                        ? inFolder.apply(path).stream()
                                        : List.of(path).stream())
                .toList();
    }

    private DataException missing(String purpose) {
        return new DataException(
                String.format(
                        "%s has no files to %s; give files (%s:train=A.bin,test=B.bin) or a folder"
                                + " with %s",
                        name(), purpose, name(), format.expected()));
    }

    private String name() {
        return format.name().toLowerCase(Locale.ROOT);
    }

    private static String show(List<Path> files) {
        return files.size() == 1 ? files.get(0).toString() : files.size() + " files";
    }
}
