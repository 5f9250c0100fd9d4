package io.residuum.vision.detect;

import io.residuum.data.DataException;
import io.residuum.data.Parts;
import io.residuum.vision.image.PictureReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Files of pictures with boxes, as named by {@code --data}:
 *
 * <pre>
 * coco:FILE.json                        also coco:train=FILE,val=FILE,test=FILE
 * voc:DIR                               parts as ImageSets/Main names them: train, val, test
 * </pre>
 *
 * @param parts the files or folders
 * @param voc true for PASCAL VOC
 */
public record DetectionSource(Parts parts, boolean voc) {

    /**
     * The pictures of each part, for training.
     *
     * @param train pictures for training
     * @param validation pictures for choosing the best epoch; empty if the data have none
     * @param test pictures for measuring the chosen network; empty if the data have none
     */
    public record Splits(
            DetectionSet train, Optional<DetectionSet> validation, Optional<DetectionSet> test) {

        /**
         * {@return a copy with labels for other names, such as those of a network}
         *
         * @param names as for {@link DetectionSet#labelledBy}
         */
        public Splits labelledBy(List<String> names) {
            return new Splits(
                    train.labelledBy(names),
                    validation.map(set -> set.labelledBy(names)),
                    test.map(set -> set.labelledBy(names)));
        }
    }

    /**
     * Parses the text after {@code coco:} or {@code voc:}.
     *
     * @param voc true for PASCAL VOC
     * @param text as in the table above
     * @return the source; no file is read yet
     * @throws DataException if a path does not exist
     */
    public static DetectionSource parse(boolean voc, String text) {
        Parts parts = Parts.parse(voc ? "voc" : "coco", text);
        for (Path part : parts.all()) {
            if (voc != Files.isDirectory(part)) {
                throw new DataException(
                        voc
                                ? part + ": voc must name a folder with Annotations, got a file"
                                : part + ": coco must name a JSON file, got a folder");
            }
        }
        return new DetectionSource(parts, voc);
    }

    /**
     * Reads the parts for training.
     *
     * @param classes the number of classes of the network; 0 for those of the data
     * @param reader the decoder of pictures
     * @return the pictures
     * @throws DataException if a file cannot be read, or has another form
     */
    public Splits open(int classes, PictureReader reader) {
        Stream.of("val", "test")
                .filter(part -> isListed(parts.train(), part) && !isListed(parts.train(), "train"))
                .findFirst()
                .ifPresent(
                        part -> {
                            throw new DataException(
                                    "%s: must exist beside %s.txt, so that training leaves out the pictures listed there, found no such file"
                                            .formatted(
                                                    VocFiles.list(parts.train(), "train"), part));
                        });
        DetectionSet train = part(parts.train(), "train", List.of(), classes, reader);
        List<String> names = train.classNames();
        return new Splits(
                train,
                parts.validation()
                        .or(() -> listed("val"))
                        .map(path -> part(path, "val", names, classes, reader)),
                parts.test()
                        .or(() -> listed("test"))
                        .map(path -> part(path, "test", names, classes, reader)));
    }

    private Optional<Path> listed(String part) {
        return Optional.of(parts.train()).filter(path -> isListed(path, part));
    }

    private boolean isListed(Path path, String part) {
        return voc && Files.exists(VocFiles.list(path, part));
    }

    /** Reads a part, with the labels of a network's class names if there are any. */
    private DetectionSet part(
            Path path, String part, List<String> names, int classes, PictureReader reader) {
        return voc
                ? VocFiles.open(path, VocFiles.list(path, part), names, reader)
                : CocoFiles.open(path, names, classes, reader);
    }

    /**
     * Reads the pictures to evaluate a network on: those to test on, or else to validate on, or
     * else all.
     *
     * @param classes the number of classes of the network
     * @param names the names of its classes; empty if it has none
     * @param reader the decoder of pictures
     */
    DetectionSet evaluation(int classes, List<String> names, PictureReader reader) {
        Path path = parts.evaluation();
        String part =
                Stream.of("test", "val").filter(p -> isListed(path, p)).findFirst().orElse("train");
        return part(path, part, names, classes, reader);
    }

    /** {@return the source in a few words, for people} */
    @Override
    public String toString() {
        return (voc ? "PASCAL VOC " : "COCO ") + parts.train();
    }
}
