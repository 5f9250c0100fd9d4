package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.data.FileNames;
import io.residuum.files.FileErrors;
import io.residuum.vision.image.ImageShape;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The binary format of CIFAR-10 and CIFAR-100 (Krizhevsky, "Learning multiple layers of features
 * from tiny images", 2009): records of label bytes followed by 3,072 bytes of a 32x32 RGB image,
 * channels first.
 */
enum CifarFiles {
    CIFAR10(
            1,
            List.of("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"),
            "test_batch",
            "cifar-10-batches-bin",
            "airplane automobile bird cat deer dog frog horse ship truck"),

    /** Skips the coarse label, the first byte of a record. */
    CIFAR100(
            2,
            List.of("train"),
            "test",
            "cifar-100-binary",
            "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus"
                + " butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud"
                + " cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest"
                + " fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard"
                + " lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange"
                + " orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine"
                + " possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk"
                + " skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table"
                + " tank telephone television tiger tractor train trout tulip turtle wardrobe whale"
                + " willow_tree wolf woman worm");

    private static final ImageShape SHAPE = new ImageShape(3, 32, 32);

    private final int labelBytes;
    private final List<String> trainFiles;
    private final String testFile;
    private final String archiveFolder;
    private final List<String> classNames;

    CifarFiles(
            int labelBytes,
            List<String> trainFiles,
            String testFile,
            String archiveFolder,
            String classNames) {
        this.labelBytes = labelBytes;
        this.trainFiles = trainFiles.stream().map(name -> name + ".bin").toList();
        this.testFile = testFile + ".bin";
        this.archiveFolder = archiveFolder;
        this.classNames = List.of(classNames.split(" "));
    }

    /**
     * {@return the standard training files in a folder or in the archive's folder inside it; none
     * if it has none of them}
     *
     * @throws DataException if some are missing
     */
    List<Path> trainIn(Path folder) {
        List<Path> found = present(folder, trainFiles);
        if (!found.isEmpty() && found.size() < trainFiles.size()) {
            List<String> absent = new ArrayList<>(trainFiles);
            found.forEach(file -> absent.remove(FileNames.of(file)));
            throw new DataException(
                    String.format(
                            "%s must hold all of %s, but lacks %s; to train on a part, name its"
                                    + " files (A.bin,B.bin)",
                            folder, trainFiles, absent));
        }
        return found;
    }

    /** {@return the standard test file, if present, in the same folders} */
    List<Path> testIn(Path folder) {
        return present(folder, List.of(testFile));
    }

    /** {@return the names of the files that a folder is searched for} */
    String expected() {
        return String.join(", ", trainFiles) + " and " + testFile;
    }

    private List<Path> present(Path folder, List<String> names) {
        Path inner = folder.resolve(archiveFolder);
        Path home = Files.isDirectory(inner) ? inner : folder;
        return names.stream().map(home::resolve).filter(Files::isRegularFile).toList();
    }

    /** Reads files into one set, in order. */
    ImageSet read(List<Path> files) {
        int record = labelBytes + SHAPE.length();
        long records = 0;
        for (Path file : files) {
            records += records(file, record);
        }
        if (records * SHAPE.length() > Integer.MAX_VALUE) {
            throw new DataException(
                    String.format(
                            "a set holds at most %d images in memory, but the files hold %d; give"
                                    + " fewer files",
                            Integer.MAX_VALUE / SHAPE.length(), records));
        }
        byte[] pixels = new byte[(int) records * SHAPE.length()];
        byte[] labels = new byte[(int) records];
        int at = 0;
        for (Path file : files) {
            at += copy(file, record, pixels, labels, at);
        }
        if (at < labels.length) {
            throw new DataException(files + " became shorter while they were read");
        }
        return new ByteImages(SHAPE, classNames, pixels, labels);
    }

    private static long records(Path file, int record) {
        try {
            long size = Files.size(file);
            if (size == 0 || size % record != 0) {
                throw new DataException(
                        String.format(
                                "%s: a CIFAR binary file must consist of %d-byte records, got %d"
                                        + " bytes; it is truncated or has another format",
                                file, record, size));
            }
            return size / record;
        } catch (IOException e) {
            throw new DataException("cannot read " + file + ": " + FileErrors.reason(e), e);
        }
    }

    private int copy(Path file, int record, byte[] pixels, byte[] labels, int at) {
        byte[] own = new byte[(int) records(file, record)];
        if (at + own.length > labels.length) {
            throw new DataException(file + " grew while it was read");
        }
        byte[] head = new byte[labelBytes];
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            for (int i = 0; i < own.length; i++) {
                int got = in.readNBytes(head, 0, labelBytes);
                got += in.readNBytes(pixels, (at + i) * SHAPE.length(), SHAPE.length());
                if (got != record) {
                    throw new DataException(file + " ends inside record " + i);
                }
                own[i] = head[labelBytes - 1];
            }
        } catch (IOException e) {
            throw new DataException("cannot read " + file + ": " + FileErrors.reason(e), e);
        }
        ByteImages.checkLabels(file, own, classNames.size());
        System.arraycopy(own, 0, labels, at, own.length);
        return own.length;
    }
}
