package io.residuum.vision.augment;

import java.util.Arrays;

/**
 * An affine transform of a plane of pixels with the arithmetic of Pillow: it maps the centres of
 * new pixels to points of the old plane.
 *
 * @param matrix the first two rows of the matrix from new to old coordinates (x, y, 1)
 */
record Affine(int height, int width, double... matrix) {
    /** {@return a rotation around the centre, counter-clockwise in degrees} */
    static Affine rotation(int height, int width, double degrees) {
        double angle = -Math.toRadians(degrees - 360 * Math.floor(degrees / 360));
        // Without the error of the last digit, quarter turns are exact.
        double cos = Math.rint(Math.cos(angle) * 1e15) / 1e15;
        double sin = Math.rint(Math.sin(angle) * 1e15) / 1e15;
        double x = width / 2.0;
        double y = height / 2.0;
        double right = cos * -x + sin * -y + x;
        double down = -sin * -x + cos * -y + y;
        return new Affine(height, width, cos, sin, right, -sin, cos, down);
    }

    /**
     * Transforms a plane.
     *
     * @param from the old pixels
     * @param to the new pixels
     * @param origin the first pixel of the plane in both
     * @param fill the value of new pixels that come from outside
     */
    void apply(int[] from, int[] to, int origin, Interpolation interpolation, int fill) {
        Arrays.fill(to, origin, origin + height * width, fill);
        if (interpolation == Interpolation.NEAREST) {
            nearest(from, to, origin);
            return;
        }
        boolean cubic = interpolation == Interpolation.BICUBIC;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double px = matrix[0] * (x + 0.5) + matrix[1] * (y + 0.5) + matrix[2];
                double py = matrix[3] * (x + 0.5) + matrix[4] * (y + 0.5) + matrix[5];
                if (px >= 0 && px < width && py >= 0 && py < height) {
                    double value = sample(from, origin, px - 0.5, py - 0.5, cubic);
                    to[origin + y * width + x] = Pixels.clip(value);
                }
            }
        }
    }

    private double sample(int[] from, int origin, double px, double py, boolean cubic) {
        int x = (int) Math.floor(px);
        int y = (int) Math.floor(py);
        double[] rows = new double[4];
        for (int i = 0; i < 4; i++) {
            // Pixels at the border repeat.
            int row = origin + Math.max(0, Math.min(height - 1, y - 1 + i)) * width;
            int b = from[row + Math.max(0, x)];
            int c = from[row + Math.min(width - 1, x + 1)];
            int a = from[row + Math.max(0, x - 1)];
            int d = from[row + Math.min(width - 1, x + 2)];
            rows[i] = between(a, b, c, d, px - x, cubic);
        }
        return between(rows[0], rows[1], rows[2], rows[3], py - y, cubic);
    }

    /** Interpolates between b and c: linearly, or as Keys 1981 with a = -1. */
    private static double between(
            double a, double b, double c, double d, double at, boolean cubic) {
        return cubic
                ? b + at * (-a + c + at * (2 * (a - b) + c - d + at * (-a + b - c + d)))
                : b + (c - b) * at;
    }

    /** Rounds points in fixed-point arithmetic with 16 binary places. */
    private void nearest(int[] from, int[] to, int origin) {
        int rowX = fixed(matrix[2] + matrix[0] * 0.5 + matrix[1] * 0.5);
        int rowY = fixed(matrix[5] + matrix[3] * 0.5 + matrix[4] * 0.5);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int column = (rowX + x * fixed(matrix[0])) >> 16;
                int row = (rowY + x * fixed(matrix[3])) >> 16;
                if (column >= 0 && column < width && row >= 0 && row < height) {
                    to[origin + y * width + x] = from[origin + row * width + column];
                }
            }
            rowX += fixed(matrix[1]);
            rowY += fixed(matrix[4]);
        }
    }

    private static int fixed(double value) {
        return (int) Math.floor(value * 65536 + 0.5);
    }
}
