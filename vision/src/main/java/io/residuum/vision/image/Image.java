package io.residuum.vision.image;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * One image as floats, channels first, in a buffer that is used again for the next image: reading,
 * resizing and augmenting a stream of images allocates nothing once the buffers have grown. Not
 * thread-safe; each worker has its own.
 */
public final class Image {
    /** Rec. 601 luma, the weights of every common gray conversion. */
    private static final float RED = 0.299f;

    private static final float GREEN = 0.587f;
    private static final float BLUE = 0.114f;

    private float[] values = new float[0];
    private float[] spare = new float[0];
    private ImageShape shape = new ImageShape(1, 1, 1);

    /** Creates an empty image; a set's {@code ImageSet.read} gives it a shape. */
    public Image() {}

    /**
     * Returns the shape of what was last read or made.
     *
     * @return the shape
     */
    public ImageShape shape() {
        return shape;
    }

    /**
     * Returns the live buffer: value (c, y, x) is at {@code (c * height + y) * width + x}. It may
     * be longer than the image and is replaced by operations that change the shape.
     *
     * @return the values, in [0, 1] until normalized
     */
    public float[] values() {
        return values;
    }

    /**
     * Gives the image a new shape with undefined values, to be filled by the caller.
     *
     * @param newShape the shape
     * @return the live buffer
     */
    public float[] reset(ImageShape newShape) {
        shape = newShape;
        if (values.length < newShape.length()) {
            values = new float[newShape.length()];
        }
        return values;
    }

    /**
     * Converts between gray and RGB: gray is repeated, RGB becomes Rec. 601 luma.
     *
     * @param channels 1 or 3
     */
    public void convertTo(int channels) {
        if (channels == shape.channels()) {
            return;
        }
        ImageShape wanted = new ImageShape(channels, shape.height(), shape.width());
        int plane = shape.plane();
        float[] out = spare(wanted.length());
        if (channels == 1) {
            for (int i = 0; i < plane; i++) {
                out[i] = luma(values[i], values[plane + i], values[2 * plane + i]);
            }
        } else {
            for (int c = 0; c < channels; c++) {
                System.arraycopy(values, 0, out, c * plane, plane);
            }
        }
        swap(wanted);
    }

    /**
     * Cuts out a window. Where the window leaves the image it is filled with zeros.
     *
     * @param top the window's first row, may be negative
     * @param left the window's first column, may be negative
     * @param height the window's height
     * @param width the window's width
     */
    public void crop(int top, int left, int height, int width) {
        if (top == 0 && left == 0 && height == shape.height() && width == shape.width()) {
            return;
        }
        ImageShape window = new ImageShape(shape.channels(), height, width);
        float[] out = spare(window.length());
        int from = Math.max(0, left);
        int to = Math.min(shape.width(), left + width);
        for (int c = 0; c < window.channels(); c++) {
            for (int y = 0; y < height; y++) {
                int row = (c * height + y) * width;
                int source = top + y;
                if (source < 0 || source >= shape.height() || from >= to) {
                    Arrays.fill(out, row, row + width, 0f);
                    continue;
                }
                Arrays.fill(out, row, row + from - left, 0f);
                System.arraycopy(
                        values,
                        (c * shape.height() + source) * shape.width() + from,
                        out,
                        row + from - left,
                        to - from);
                Arrays.fill(out, row + to - left, row + width, 0f);
            }
        }
        swap(window);
    }

    /**
     * Cuts out the middle. Where the image is smaller than the window it is centred on zeros.
     *
     * @param height the window's height
     * @param width the window's width
     */
    public void centerCrop(int height, int width) {
        // floorDiv, so that a border of odd width falls on the same side whether cut or added
        crop(
                Math.floorDiv(shape.height() - height, 2),
                Math.floorDiv(shape.width() - width, 2),
                height,
                width);
    }

    /**
     * Resizes, bilinear, with the filter widened where the image shrinks so that it does not alias.
     *
     * @param height the new height
     * @param width the new width
     */
    public void resize(int height, int width) {
        resize(0, 0, shape.height(), shape.width(), height, width);
    }

    /**
     * Cuts out a window inside the image and resizes it, bilinear with antialiasing.
     *
     * @param top the window's first row
     * @param left the window's first column
     * @param cropHeight the window's height
     * @param cropWidth the window's width
     * @param height the new height
     * @param width the new width
     */
    public void resize(int top, int left, int cropHeight, int cropWidth, int height, int width) {
        checkArgument(
                top >= 0
                        && left >= 0
                        && top + cropHeight <= shape.height()
                        && left + cropWidth <= shape.width(),
                "a window to resize must lie inside the %s image, got rows %s+%s, columns %s+%s",
                shape,
                top,
                cropHeight,
                left,
                cropWidth);
        if (cropHeight == height && cropWidth == width) {
            crop(top, left, height, width);
            return;
        }
        ImageShape wanted = new ImageShape(shape.channels(), height, width);
        float[] out = spare(wanted.length());
        Resampling columns = Resampling.bilinear(cropWidth, width);
        Resampling rows = Resampling.bilinear(cropHeight, height);
        float[] narrowed = new float[cropHeight * width];
        for (int c = 0; c < shape.channels(); c++) {
            int origin = (c * shape.height() + top) * shape.width() + left;
            columns.alongRows(values, origin, shape.width(), cropHeight, narrowed);
            rows.alongColumns(narrowed, width, out, c * wanted.plane());
        }
        swap(wanted);
    }

    /**
     * Resizes the shorter side and cuts out the middle, as networks are evaluated. The shorter side
     * becomes {@link Pictures#MARGIN} times as long as the window's, unless that would enlarge the
     * image.
     *
     * @param height the window's height
     * @param width the window's width
     */
    public void fit(int height, int width) {
        // how much larger than the window the image is along its tighter side
        double room = Math.min((double) shape.height() / height, (double) shape.width() / width);
        double scale = Math.min(Math.max(room, 1), Pictures.MARGIN) / room;
        resize((int) Math.round(shape.height() * scale), (int) Math.round(shape.width() * scale));
        centerCrop(height, width);
    }

    /**
     * Computes the luma of a colour by Rec. 601, as every common gray conversion does.
     *
     * @param red in [0, 1]
     * @param green in [0, 1]
     * @param blue in [0, 1]
     * @return the luma in [0, 1]
     */
    public static float luma(float red, float green, float blue) {
        return RED * red + GREEN * green + BLUE * blue;
    }

    private float[] spare(int length) {
        if (spare.length < length) {
            spare = new float[length];
        }
        return spare;
    }

    private void swap(ImageShape newShape) {
        float[] old = values;
        values = spare;
        spare = old;
        shape = newShape;
    }
}
