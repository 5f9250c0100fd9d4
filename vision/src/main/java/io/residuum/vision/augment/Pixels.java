package io.residuum.vision.augment;

import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * An image of 8 bits per value, channels first, with the operations of augmentation policies. The
 * arithmetic is Pillow's, which torchvision and timm use: results are equal, pixel by pixel.
 */
final class Pixels {
    /** The weights of Pillow's filter {@code SMOOTH}. */
    private static final float EDGE = 1f / 13;

    private static final float CENTER = 5f / 13;

    private final ImageShape shape;
    private int[] values;
    private int[] spare;

    private Pixels(ImageShape shape, int[] values) {
        this.shape = shape;
        this.values = values;
        this.spare = new int[values.length];
    }

    /** {@return the pixels of an image in [0, 1], rounded to 8 bits} */
    static Pixels of(Image image) {
        int[] values = new int[image.shape().length()];
        Arrays.setAll(values, i -> clip(255 * image.values()[i] + 0.5));
        return new Pixels(image.shape(), values);
    }

    Pixels copy() {
        return new Pixels(shape, values.clone());
    }

    /** Writes the pixels back into their image. */
    void copyTo(Image image) {
        for (int i = 0; i < values.length; i++) {
            image.values()[i] = values[i] / 255f;
        }
    }

    ImageShape shape() {
        return shape;
    }

    int[] values() {
        return values;
    }

    /** Truncates a value to 8 bits. */
    static int clip(double value) {
        return (int) Math.max(0, Math.min(255, value));
    }

    /** Changes each value by itself. */
    void map(IntUnaryOperator change) {
        Arrays.setAll(values, i -> change.applyAsInt(values[i]));
    }

    private void mapChannel(int from, IntUnaryOperator change) {
        for (int i = from; i < from + shape.plane(); i++) {
            values[i] = change.applyAsInt(values[i]);
        }
    }

    /** Stretches the values of each channel to the full range. */
    void autoContrast() {
        for (int from = 0; from < values.length; from += shape.plane()) {
            int low = Arrays.stream(values, from, from + shape.plane()).min().orElseThrow();
            int high = Arrays.stream(values, from, from + shape.plane()).max().orElseThrow();
            double scale = 255.0 / (high - low);
            if (high > low) {
                mapChannel(from, v -> clip(v * scale + -low * scale));
            }
        }
    }

    /** Equalizes the histogram of each channel. */
    void equalize() {
        for (int from = 0; from < values.length; from += shape.plane()) {
            int[] counts = new int[256];
            for (int i = from; i < from + shape.plane(); i++) {
                counts[values[i]]++;
            }
            int high = Arrays.stream(values, from, from + shape.plane()).max().orElseThrow();
            int step = (shape.plane() - counts[high]) / 255;
            if (step > 0) {
                int[] table = new int[256];
                int below = step / 2;
                for (int v = 0; v < table.length; v++) {
                    table[v] = Math.min(255, below / step);
                    below += counts[v];
                }
                mapChannel(from, v -> table[v]);
            }
        }
    }

    /** Blends with black. A factor of 1 keeps the image, here and below. */
    void brightness(double factor) {
        Arrays.fill(spare, 0);
        blend(factor);
    }

    /** Blends with the mean of luma. */
    void contrast(double factor) {
        luma();
        double mean = Arrays.stream(spare, 0, shape.plane()).average().orElseThrow();
        Arrays.fill(spare, (int) (mean + 0.5));
        blend(factor);
    }

    /** Blends with luma. */
    void color(double factor) {
        luma();
        blend(factor);
    }

    /** Blends with the smoothed image, whose border is not smoothed. */
    void sharpness(double factor) {
        int width = shape.width();
        for (int i = 0; i < values.length; i++) {
            int x = i % width;
            int y = i / width % shape.height();
            boolean border = x == 0 || x == width - 1 || y == 0 || y == shape.height() - 1;
            spare[i] = border ? values[i] : smoothed(i, width);
        }
        blend(factor);
    }

    private int smoothed(int at, int width) {
        float sum = 0.5f; // for rounding
        sum += three(at + width, EDGE);
        sum += three(at, CENTER);
        sum += three(at - width, EDGE);
        return clip(sum);
    }

    private float three(int at, float center) {
        return values[at - 1] * EDGE + values[at] * center + values[at + 1] * EDGE;
    }

    /** Puts Rec. 601 luma into all channels of the spare buffer. */
    private void luma() {
        int plane = shape.plane();
        for (int i = 0; i < values.length; i++) {
            int p = i % plane;
            spare[i] =
                    shape.channels() == 1
                            ? values[p]
                            : (values[p] * 19595
                                            + values[plane + p] * 38470
                                            + values[2 * plane + p] * 7471
                                            + 0x8000)
                                    >> 16;
        }
    }

    private void blend(double factor) {
        float share = (float) factor;
        Arrays.setAll(values, i -> clip(spare[i] + share * (values[i] - spare[i])));
    }

    /**
     * Transforms all channels.
     *
     * @param fill the value of pixels from outside: one for all channels, or one for each
     */
    void transform(Affine affine, Interpolation interpolation, int[] fill) {
        for (int c = 0; c < shape.channels(); c++) {
            int outside = fill[Math.min(c, fill.length - 1)];
            affine.apply(values, spare, c * shape.plane(), interpolation, outside);
        }
        int[] old = values;
        values = spare;
        spare = old;
    }
}
