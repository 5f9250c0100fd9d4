package io.residuum.train.report;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A picture for the report.
 *
 * @param rgb the pixels, {@code (height, width, 3)}, rows from the top, one byte per channel
 * @param width the width in pixels
 * @param height the height in pixels
 */
public record Picture(byte[] rgb, int width, int height) {
    public Picture {
        checkArgument(width > 0 && height > 0, "size must be positive, got %s x %s", width, height);
        checkArgument(
                rgb.length == 3L * width * height,
                "rgb must hold 3 bytes for each of %s x %s pixels, got %s bytes",
                width,
                height,
                rgb.length);
        rgb = rgb.clone();
    }

    @Override
    public byte[] rgb() {
        return rgb.clone();
    }

    /**
     * Creates a picture from channel planes, as data sets hold them.
     *
     * @param planes the pixels, {@code (channels, height, width)}; values are clipped to [0, 1]
     * @param channels 1 for gray or 3 for red, green and blue
     * @param height the height in pixels
     * @param width the width in pixels
     */
    public static Picture ofPlanes(float[] planes, int channels, int height, int width) {
        checkArgument(channels == 1 || channels == 3, "channels must be 1 or 3, got %s", channels);
        int area = height * width;
        checkArgument(
                planes.length == channels * area,
                "planes must hold %s x %s x %s numbers, got %s",
                channels,
                height,
                width,
                planes.length);
        byte[] rgb = new byte[3 * area];
        for (int i = 0; i < rgb.length; i++) {
            float value = planes[(i % 3) % channels * area + i / 3];
            rgb[i] = (byte) Math.round(255 * Math.max(0, Math.min(1, value)));
        }
        return new Picture(rgb, width, height);
    }
}
