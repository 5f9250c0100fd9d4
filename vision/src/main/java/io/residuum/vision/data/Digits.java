package io.residuum.vision.data;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.data.Seeds;
import io.residuum.vision.image.ImageShape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Digits written by the program: 32x32, gray, stroke-drawn in the styles people use, with random
 * slant, size, place, elastic distortion (Simard et al. 2003), pen width, contrast, polarity, stray
 * ink and noise. Needs no file and no font. Image i depends on nothing but the seed, the part and
 * i, and is the same on every platform.
 */
public final class Digits {
    private static final List<String> NAMES =
            IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    private static final ImageShape SHAPE = new ImageShape(1, DigitPainter.SIZE, DigitPainter.SIZE);

    private Digits() {}

    /** Which stream of digits: the two never share an image. */
    public enum Part {
        /** For training. */
        TRAIN,
        /** For testing. */
        TEST
    }

    /**
     * Writes digits, on all cores.
     *
     * @param count how many; class {@code i % 10} for image i, so that every prefix is balanced
     * @param seed decides the handwriting; the first images of a larger set are those of a smaller
     *     one
     * @param part for training or testing
     * @return the set
     */
    public static ImageSet write(int count, long seed, Part part) {
        checkArgument(
                count > 0 && count <= Integer.MAX_VALUE / SHAPE.length(),
                "the number of digits must be in [1, %s], got %s",
                Integer.MAX_VALUE / SHAPE.length(),
                count);
        byte[] pixels = new byte[count * SHAPE.length()];
        byte[] labels = new byte[count];
        IntStream.range(0, count)
                .parallel()
                .forEach(
                        i -> {
                            labels[i] = (byte) (i % NAMES.size());
                            new DigitPainter(Seeds.random(seed, part.ordinal(), i))
                                    .paint(labels[i], pixels, i * SHAPE.length());
                        });
        return new ByteImages(SHAPE, NAMES, pixels, labels);
    }
}
