package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.data.Locations;
import io.residuum.vision.augment.Augmentation;
import io.residuum.vision.augment.HorizontalFlip;
import io.residuum.vision.augment.RandomCrop;
import io.residuum.vision.image.ImageShape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A folder with the IDX files of MNIST or of a data set with the same file names. */
record IdxSource(String name, Path folder, List<String> classNames, List<Augmentation> augmentation)
        implements DataSource {
    static final List<String> MNIST_CLASSES =
            List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

    /** Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset", 2017, table 2. */
    static final List<String> FASHION_CLASSES =
            List.of(
                    "t-shirt",
                    "trouser",
                    "pullover",
                    "dress",
                    "coat",
                    "sandal",
                    "shirt",
                    "sneaker",
                    "bag",
                    "ankle boot");

    static final List<Augmentation> MNIST_AUGMENTATION = List.of(new RandomCrop(2));
    static final List<Augmentation> FASHION_AUGMENTATION =
            List.of(new RandomCrop(2), new HorizontalFlip(0.5));

    IdxSource {
        if (!Files.isDirectory(folder)) {
            throw new DataException(
                    name
                            + ":DIR must name a folder with IDX files, but there is none at "
                            + folder);
        }
    }

    static IdxSource mnist(String folder) {
        return new IdxSource("mnist", Locations.path(folder), MNIST_CLASSES, MNIST_AUGMENTATION);
    }

    static IdxSource fashionMnist(String folder) {
        return new IdxSource(
                "fashion-mnist", Locations.path(folder), FASHION_CLASSES, FASHION_AUGMENTATION);
    }

    @Override
    public DataSplits forTraining(ImageShape shape, LoadOptions options) {
        return DataSplits.holdingOut(
                name + " in " + folder,
                IdxFiles.find(folder, "train", classNames)
                        .orElseThrow(() -> missing("train"))
                        .adaptedTo(shape),
                IdxFiles.find(folder, "t10k", classNames).map(set -> set.adaptedTo(shape)),
                options.validation(),
                augmentation);
    }

    @Override
    public ImageSet forEvaluation(ImageShape shape, LoadOptions options) {
        return IdxFiles.find(folder, "t10k", classNames)
                .orElseThrow(() -> missing("t10k"))
                .adaptedTo(shape);
    }

    private DataException missing(String part) {
        return new DataException(
                String.format(
                        "%s must hold %s-images-idx3-ubyte and %s-labels-idx1-ubyte, plain or with"
                                + " .gz, but at least one is missing",
                        folder, part, part));
    }
}
