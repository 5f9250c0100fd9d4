package io.residuum.train.report;

import static com.google.common.base.Preconditions.checkArgument;

/** A sample that the network got wrong. */
public sealed interface Mistake {

    /**
     * What it is.
     *
     * @return the name of its class
     */
    String truth();

    /**
     * What it was taken for.
     *
     * @return the name of that class
     */
    String predicted();

    /**
     * How sure the network was.
     *
     * @return the probability that it gave to {@link #predicted}, in [0, 1]
     */
    double probability();

    /**
     * A text.
     *
     * @param text as it was read
     * @param truth the name of its class
     * @param predicted the name of the class that it was taken for
     * @param probability that the network gave to {@code predicted}, in [0, 1]
     */
    record Text(String text, String truth, String predicted, double probability)
            implements Mistake {}

    /**
     * An image.
     *
     * @param rgb the picture, rows from the top, three bytes a pixel: {@code (height, width, 3)}
     * @param width in pixels
     * @param height in pixels
     * @param truth the name of its class
     * @param predicted the name of the class that it was taken for
     * @param probability that the network gave to {@code predicted}, in [0, 1]
     */
    record Picture(
            byte[] rgb, int width, int height, String truth, String predicted, double probability)
            implements Mistake {

        /** Checks the parts and takes a copy of the picture. */
        public Picture {
            checkArgument(
                    width > 0 && height > 0, "size must be positive, got %s x %s", width, height);
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
    }

    /**
     * Takes the picture from planes of numbers, as data sets hold it.
     *
     * @param planes {@code (channels, height, width)} in [0, 1]; what lies outside is clipped
     * @param channels 1 for gray or 3 for red, green and blue
     * @param height in pixels
     * @param width in pixels
     * @param truth the name of its class
     * @param predicted the name of the class that it was taken for
     * @param probability that the network gave to {@code predicted}, in [0, 1]
     * @return the mistake
     */
    static Picture ofPlanes(
            float[] planes,
            int channels,
            int height,
            int width,
            String truth,
            String predicted,
            double probability) {
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
        return new Picture(rgb, width, height, truth, predicted, probability);
    }
}
