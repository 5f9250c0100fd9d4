package io.residuum.vision.data;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.data.DataException;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Images in memory, one byte per value, channels first. */
final class ByteImages implements ImageSet {
    private static final float[] UNIT = new float[256];

    static {
        for (int i = 0; i < UNIT.length; i++) {
            UNIT[i] = i / 255f;
        }
    }

    private final ImageShape shape;
    private final List<String> classNames;
    private final byte[] pixels;
    private final byte[] labels;
    private final Supplier<String> fingerprint;

    /**
     * Takes ownership of the arrays.
     *
     * @param pixels (size, channels, height, width)
     * @param labels (size), unsigned, {@link #checkLabels checked}
     */
    ByteImages(ImageShape shape, List<String> classNames, byte[] pixels, byte[] labels) {
        this(shape, classNames, pixels, labels, null);
    }

    private ByteImages(
            ImageShape shape,
            List<String> classNames,
            byte[] pixels,
            byte[] labels,
            @Nullable ImageSet original) {
        checkArgument(
                classNames.size() <= 256, "labels are bytes, got %s classes", classNames.size());
        checkArgument(
                labels.length > 0 && pixels.length == (long) labels.length * shape.length(),
                "%s labels need the same number of %s images, got %s bytes",
                labels.length,
                shape,
                pixels.length);
        this.shape = shape;
        this.classNames = List.copyOf(classNames);
        this.pixels = pixels;
        this.labels = labels;
        // Decoders of other machines may round other pixels of the same files.
        this.fingerprint = original == null ? this::hash : original::fingerprint;
    }

    /** Reads all images of a set into memory on all cores, rounded to one byte per value. */
    static ByteImages copyOf(ImageSet set, PictureCheck check) {
        ImageShape shape = set.shape();
        int length = shape.length();
        byte[] pixels = new byte[Math.multiplyExact(set.size(), length)];
        byte[] labels = new byte[set.size()];
        check.run(
                set.size(),
                i -> {
                    labels[i] = (byte) set.label(i);
                    Image image = new Image();
                    set.read(i, image);
                    for (int p = 0; p < length; p++) {
                        pixels[i * length + p] = (byte) Math.round(255 * image.values()[p]);
                    }
                });
        return new ByteImages(shape, set.classNames(), pixels, labels, set);
    }

    /** Requires that every label of a file names a class. */
    static void checkLabels(Object file, byte[] labels, int classes) {
        for (int i = 0; i < labels.length; i++) {
            int label = Byte.toUnsignedInt(labels[i]);
            if (label >= classes) {
                throw new DataException(
                        String.format(
                                "%s: labels must be in [0, %d), but record %d has label %d; the"
                                        + " file is damaged or belongs to another data set",
                                file, classes, i, label));
            }
        }
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
        return Byte.toUnsignedInt(labels[index]);
    }

    @Override
    public void read(int index, Image into) {
        float[] values = into.reset(shape);
        int length = shape.length();
        int from = index * length;
        for (int i = 0; i < length; i++) {
            values[i] = UNIT[pixels[from + i] & 0xFF];
        }
    }

    @Override
    public String fingerprint() {
        return fingerprint.get();
    }

    private String hash() {
        return Fingerprints.begin(this).putBytes(pixels).hash().toString();
    }
}
