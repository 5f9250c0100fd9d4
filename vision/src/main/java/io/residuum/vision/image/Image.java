package io.residuum.vision.image;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.spec.ImageResize;
import io.residuum.spec.ImageResize.Filter;
import java.util.Arrays;
import java.util.List;

/**
 * One image as floats, channels first, in a reusable buffer. Once the buffers have grown, reading,
 * resizing and augmenting further images allocates nothing. Not thread-safe: use one per worker.
 */
public final class Image {
    /** The weights of Rec. 601 luma, used by every common conversion to gray. */
    private static final float RED = 0.299f;

    private static final float GREEN = 0.587f;
    private static final float BLUE = 0.114f;

    private float[] values = new float[0];
    private float[] spare = new float[0];
    private ImageShape shape = new ImageShape(1, 1, 1);

    /** {@return the shape of the current content} */
    public ImageShape shape() {
        return shape;
    }

    /**
     * {@return the buffer itself, with values in [0, 1] until normalized}
     *
     * <p>Value (c, y, x) is at {@code (c * height + y) * width + x}. The buffer may be longer than
     * the image. Operations that change the shape replace it.
     */
    public float[] values() {
        return values;
    }

    /**
     * Changes the shape. The caller fills in the values, which are undefined.
     *
     * @return the buffer itself
     */
    public float[] reset(ImageShape newShape) {
        shape = newShape;
        if (values.length < newShape.length()) {
            values = new float[newShape.length()];
        }
        return values;
    }

    /**
     * Converts between gray and RGB: repeats gray, or computes Rec. 601 luma.
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
     * Crops a window. Pixels outside the image become zeros.
     *
     * @param top the first row, may be negative
     * @param left the first column, may be negative
     * @param height the height of the window
     * @param width the width of the window
     */
    public void crop(int top, int left, int height, int width) {
        crop(top, left, height, width, List.of());
    }

    /** Crops a window. Pixels outside the image get a colour; zeros if it is empty. */
    private void crop(int top, int left, int height, int width, List<Double> colour) {
        if (top == 0 && left == 0 && height == shape.height() && width == shape.width()) {
            return;
        }
        ImageShape window = new ImageShape(shape.channels(), height, width);
        float[] out = spare(window.length());
        int from = Math.max(0, left);
        int to = Math.min(shape.width(), left + width);
        for (int c = 0; c < window.channels(); c++) {
            float outside = colour.isEmpty() ? 0f : colour.get(c).floatValue();
            for (int y = 0; y < height; y++) {
                int row = (c * height + y) * width;
                int source = top + y;
                if (source < 0 || source >= shape.height() || from >= to) {
                    Arrays.fill(out, row, row + width, outside);
                    continue;
                }
                Arrays.fill(out, row, row + from - left, outside);
                System.arraycopy(
                        values,
                        (c * shape.height() + source) * shape.width() + from,
                        out,
                        row + from - left,
                        to - from);
                Arrays.fill(out, row + to - left, row + width, outside);
            }
        }
        swap(window);
    }

    /**
     * Crops the centre. If the image is smaller than the window, it is centred on zeros.
     *
     * @param height the height of the window
     * @param width the width of the window
     */
    public void centerCrop(int height, int width) {
        // floorDiv puts a border of odd width on the same side for cropping and padding.
        crop(
                Math.floorDiv(shape.height() - height, 2),
                Math.floorDiv(shape.width() - width, 2),
                height,
                width);
    }

    /**
     * Resizes bilinearly with antialiasing.
     *
     * @param height the new height
     * @param width the new width
     */
    public void resize(int height, int width) {
        resize(0, 0, shape.height(), shape.width(), height, width);
    }

    /**
     * Crops a window inside the image and resizes it bilinearly with antialiasing.
     *
     * @param top the first row of the window
     * @param left the first column of the window
     * @param cropHeight the height of the window
     * @param cropWidth the width of the window
     * @param height the new height
     * @param width the new width
     */
    public void resize(int top, int left, int cropHeight, int cropWidth, int height, int width) {
        checkArgument(
                top >= 0
                        && left >= 0
                        && top + cropHeight <= shape.height()
                        && left + cropWidth <= shape.width(),
                "a window to resize must be inside the %s image, got rows %s+%s, columns %s+%s",
                shape,
                top,
                cropHeight,
                left,
                cropWidth);
        if (cropHeight == height && cropWidth == width) {
            crop(top, left, height, width);
            return;
        }
        resize(top, left, cropHeight, cropWidth, height, width, Filter.BILINEAR);
    }

    private void resize(
            int top,
            int left,
            int cropHeight,
            int cropWidth,
            int height,
            int width,
            Filter filter) {
        resample(
                Resampling.of(cropHeight, height, filter),
                Resampling.of(cropWidth, width, filter),
                top,
                left);
    }

    /**
     * Resamples a window of the image.
     *
     * @param rows the resampling of each column
     * @param columns the resampling of each row
     */
    private void resample(Resampling rows, Resampling columns, int top, int left) {
        ImageShape wanted = new ImageShape(shape.channels(), rows.size(), columns.size());
        float[] out = spare(wanted.length());
        int from = columns.begin();
        int width = columns.end() - from;
        float[] shortened = new float[rows.size() * width];
        for (int c = 0; c < shape.channels(); c++) {
            int origin = (c * shape.height() + top) * shape.width() + left + from;
            rows.alongColumns(values, origin, shape.width(), width, shortened);
            columns.alongRows(shortened, width, rows.size(), out, c * wanted.plane());
        }
        swap(wanted);
    }

    /**
     * Resizes the image and crops a window, of which only the pixels inside are computed.
     *
     * @param rows the height of the resized image
     * @param columns the width of the resized image
     * @param filter the filter
     * @param top the first row of the window, may be negative
     * @param left the first column of the window, may be negative
     */
    private void resizePart(
            int rows, int columns, Filter filter, int top, int left, int height, int width) {
        resample(
                Resampling.of(shape.height(), rows, filter)
                        .part(Math.max(0, top), Math.min(rows, top + height)),
                Resampling.of(shape.width(), columns, filter)
                        .part(Math.max(0, left), Math.min(columns, left + width)),
                0,
                0);
    }

    /**
     * Resizes the shorter side and crops the centre, as for evaluation. The shorter side becomes
     * {@link Pictures#MARGIN} times that of the window, unless this would enlarge the image.
     *
     * @param height the height of the window
     * @param width the width of the window
     */
    public void fit(int height, int width) {
        // The ratio of image to window along the side where it is smaller.
        double room = Math.min((double) shape.height() / height, (double) shape.width() / width);
        double scale = Math.min(Math.max(room, 1), Pictures.MARGIN) / room;
        int rows = (int) Math.round(shape.height() * scale);
        int columns = (int) Math.round(shape.width() * scale);
        if (rows != shape.height() || columns != shape.width()) {
            int top = Math.floorDiv(rows - height, 2);
            int left = Math.floorDiv(columns - width, 2);
            resizePart(rows, columns, Filter.BILINEAR, top, left, height, width);
        }
        centerCrop(height, width);
    }

    /**
     * Resizes and crops the centre, or adds a border, by the settings of a network, as timm,
     * torchvision and transformers do.
     *
     * @param height the height of the window
     * @param width the width of the window
     * @param how the settings
     */
    public void fit(int height, int width, ImageResize how) {
        // The crop may be a quotient of two sizes, which division need not give back exactly.
        int rows = (int) (height / how.crop() + 1e-9);
        int columns = (int) (width / how.crop() + 1e-9);
        if (!how.border().isEmpty()) {
            checkArgument(
                    how.border().size() == shape.channels(),
                    "border must have a value for each of %s channels, got %s",
                    shape.channels(),
                    how.border());
            double longest =
                    Math.max((double) shape.height() / rows, (double) shape.width() / columns);
            rows = Math.max(1, (int) Math.rint(shape.height() / longest));
            columns = Math.max(1, (int) Math.rint(shape.width() / longest));
        } else if (!how.squash()) {
            long tall = (long) shape.height() * columns;
            long wide = (long) shape.width() * rows;
            if (tall > wide) {
                rows = Math.max(rows, (int) (tall / shape.width()));
            } else {
                columns = Math.max(columns, (int) (wide / shape.height()));
            }
        }
        // Ties go to the even number, as in Python.
        int top = (int) Math.rint((rows - height) / 2.0);
        int left = (int) Math.rint((columns - width) / 2.0);
        if (rows != shape.height() || columns != shape.width()) {
            resizePart(rows, columns, how.filter(), top, left, height, width);
            for (int i = 0; i < shape.length(); i++) {
                // Bicubic and Lanczos filters overshoot at edges.
                values[i] = Math.min(1, Math.max(0, values[i]));
            }
            top = Math.min(0, top);
            left = Math.min(0, left);
        }
        crop(top, left, height, width, how.border());
    }

    /**
     * {@return the Rec. 601 luma of a colour, in [0, 1]}
     *
     * @param red in [0, 1]
     * @param green in [0, 1]
     * @param blue in [0, 1]
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
