package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.files.FileErrors;
import io.residuum.vision.image.ImageShape;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * The IDX format of MNIST (LeCun et al., "Gradient-based learning applied to document recognition",
 * 1998, and its data page): a magic number {@code 00 00 08 rank}, one big-endian 32-bit size per
 * axis, then unsigned bytes. Gzipped files are recognized by their content.
 */
final class IdxFiles {
    private static final int UNSIGNED_BYTES = 0x0800;

    private IdxFiles() {}

    private record Array(int[] sizes, byte[] bytes) {}

    /** Reads gray images and their labels. */
    static ImageSet read(Path images, Path labels, List<String> classNames) {
        Array pixels = array(images, 3);
        Array classes = array(labels, 1);
        int[] sizes = pixels.sizes();
        if (sizes[0] != classes.sizes()[0]) {
            throw new DataException(
                    String.format(
                            "%s holds %d images but %s holds %d labels; the files do not belong"
                                    + " together",
                            images, sizes[0], labels, classes.sizes()[0]));
        }
        ByteImages.checkLabels(labels, classes.bytes(), classNames.size());
        ImageShape shape = new ImageShape(1, sizes[1], sizes[2]);
        return new ByteImages(shape, classNames, pixels.bytes(), classes.bytes());
    }

    /**
     * Reads the part {@code train} or {@code t10k} of a folder, if its files exist.
     *
     * @throws DataException if only one of them exists
     */
    static Optional<ImageSet> find(Path folder, String part, List<String> classNames) {
        Optional<Path> images = file(folder, part + "-images", "idx3-ubyte");
        Optional<Path> labels = file(folder, part + "-labels", "idx1-ubyte");
        if (images.isPresent() != labels.isPresent()) {
            throw new DataException(
                    String.format(
                            "%s must have %s-%s-ubyte (plain or .gz) beside it, found none; add"
                                    + " that file, or move this one away",
                            images.or(() -> labels).orElseThrow(),
                            part,
                            images.isPresent() ? "labels-idx1" : "images-idx3"));
        }
        return images.flatMap(i -> labels.map(l -> read(i, l, classNames)));
    }

    private static Optional<Path> file(Path folder, String stem, String kind) {
        return List.of("-" + kind, "-" + kind + ".gz", "." + kind, "." + kind + ".gz").stream()
                .map(end -> folder.resolve(stem + end))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static Array array(Path file, int rank) {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
                DataInputStream in = new DataInputStream(unzipped(raw))) {
            int magic = in.readInt();
            if (magic != (UNSIGNED_BYTES | rank)) {
                throw new DataException(
                        String.format(
                                "%s: an IDX file of bytes with %d axes must begin with %08x, got"
                                        + " %08x",
                                file, rank, UNSIGNED_BYTES | rank, magic));
            }
            int[] sizes = new int[rank];
            long total = 1;
            for (int axis = 0; axis < rank; axis++) {
                sizes[axis] = in.readInt();
                if (sizes[axis] <= 0 || total * sizes[axis] > Integer.MAX_VALUE) {
                    throw new DataException(
                            String.format(
                                    "%s: sizes must be positive and their product below 2^31, but"
                                            + " axis %d has size %d",
                                    file, axis, sizes[axis]));
                }
                total *= sizes[axis];
            }
            if (total > Runtime.getRuntime().maxMemory() / 2) {
                // Zeros in a compressed file take a thousandth of that on the disk.
                throw new DataException(
                        String.format(
                                "%s: the header announces %d MiB of data, more than half of Java's"
                                        + " memory; give Java more (-Xmx)",
                                file, total >> 20));
            }
            // The array grows as bytes arrive, so a wrong header costs no memory.
            byte[] bytes = in.readNBytes((int) total);
            if (bytes.length != total || in.read() >= 0) {
                throw new DataException(
                        String.format(
                                "%s: the header announces %d bytes of data, the file has %s",
                                file, total, bytes.length < total ? bytes.length : "more"));
            }
            return new Array(sizes, bytes);
        } catch (EOFException e) {
            throw new DataException(file + " ends before its data: it is truncated", e);
        } catch (IOException e) {
            throw new DataException("cannot read " + file + ": " + FileErrors.reason(e), e);
        }
    }

    private static InputStream unzipped(InputStream in) throws IOException {
        in.mark(2);
        boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
        in.reset();
        return gzip ? new BufferedInputStream(new GZIPInputStream(in)) : in;
    }
}
