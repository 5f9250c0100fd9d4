package io.residuum.vision.image;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The shape of one image, channels first.
 *
 * @param channels 1 (gray) or 3 (RGB)
 * @param height in pixels
 * @param width in pixels
 */
public record ImageShape(int channels, int height, int width) {
    public ImageShape {
        checkArgument(
                channels == 1 || channels == 3,
                "channels must be 1 (gray) or 3 (RGB), got %s",
                channels);
        checkArgument(
                height > 0 && width > 0,
                "height and width must be positive, got %s x %s",
                height,
                width);
        checkArgument(
                (long) height * width <= Integer.MAX_VALUE / channels,
                "an image may have at most 2^31 - 1 values, got %s x %s x %s",
                channels,
                height,
                width);
    }

    /** {@return the number of values of one image, channels x height x width} */
    public int length() {
        return channels * height * width;
    }

    /** {@return the number of values of one channel, height x width} */
    public int plane() {
        return height * width;
    }

    @Override
    public String toString() {
        return channels + "x" + height + "x" + width;
    }
}
