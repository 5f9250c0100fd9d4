package io.residuum.vision.data;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.data.Seeds;
import io.residuum.vision.image.ImageShape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Generated digits: 32x32, gray, drawn as strokes in common handwriting styles. Slant, size,
 * position, elastic distortion (Simard et al. 2003), pen width, contrast, polarity, stray ink and
 * noise are random. Needs no file and no font. Image i depends only on the seed, the part and i,
 * and is the same on every platform.
 */
public final class Digits {
    private static final List<String> NAMES =
            IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    private static final ImageShape SHAPE = new ImageShape(1, DigitPainter.SIZE, DigitPainter.SIZE);

    private Digits() {}

    /** A part of the digits. Parts never share an image. */
    public enum Part {
        /** Digits for training. */
        TRAIN,
        /** Digits for testing. */
        TEST,
        /** Digits for choosing the best network. */
        VALIDATION
    }

    /**
     * Generates digits on all cores.
     *
     * @param count the number of images; image i has class {@code i % 10}, so every prefix is
     *     balanced
     * @param seed the seed; a larger set begins with the images of a smaller one
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
