package io.residuum.engine;

import java.util.stream.IntStream;

/**
 * Settings of an interpolation of images, with the definitions of PyTorch's {@code interpolate}.
 *
 * @param mode the function between positions
 * @param alignCorners true to map the centers of the corner pixels onto each other; false to map
 *     the corners of the image onto each other. Not for {@link Mode#NEAREST}
 * @param rowScale the height of the output divided by the height of the input before rounding; 0
 *     for the ratio of the heights
 * @param columnScale the scale of the width, as of the height
 */
public record Interpolation(Mode mode, boolean alignCorners, double rowScale, double columnScale) {
    /** The parameter of the cubic kernel (Keys 1981) that PyTorch uses. */
    private static final double CUBIC = -0.75;

    /** The function between positions. */
    public enum Mode {
        /** The nearest position before the exact one. */
        NEAREST,
        /** Linear along each axis. */
        BILINEAR,
        /** Cubic convolution along each axis (Keys 1981). */
        BICUBIC
    }

    /**
     * {@return the matrix {@code (out, in)}, in row-major order, that interpolates one axis}
     *
     * @param in the number of positions
     * @param out the new number of positions
     * @param scale the scale of this axis; 0 for {@code out / in}
     */
    public double[] matrix(int in, int out, double scale) {
        double[] matrix = new double[Math.multiplyExact(in, out)];
        double step = step(in, out, scale);
        for (int i = 0; i < out; i++) {
            int row = i * in;
            switch (mode) {
                case NEAREST -> matrix[row + source(i, in, step)] = 1;
                case BILINEAR -> {
                    double x = Math.max(0, position(i, step));
                    int left = Math.min((int) x, in - 1);
                    double rest = x - left;
                    matrix[row + left] += 1 - rest;
                    matrix[row + Math.min(left + 1, in - 1)] += rest;
                }
                case BICUBIC -> {
                    double x = position(i, step);
                    int left = (int) Math.floor(x);
                    for (int k = left - 1; k <= left + 2; k++) {
                        matrix[row + Math.max(0, Math.min(k, in - 1))] += cubic(Math.abs(x - k));
                    }
                }
            }
        }
        return matrix;
    }

    /**
     * {@return true if the interpolation repeats each position of an axis, or keeps the axis}
     *
     * @param in the number of positions
     * @param out the new number of positions
     * @param scale the scale of this axis; 0 for {@code out / in}
     */
    public boolean isRepetition(long in, long out, double scale) {
        boolean exact = alignCorners || scale == 0 || in * scale == out;
        return exact && (in == out || mode == Mode.NEAREST && out % in == 0);
    }

    /**
     * {@return the position that {@link Mode#NEAREST} reads for each new position of one axis}
     *
     * @param in the number of positions
     * @param out the new number of positions
     * @param scale the scale of this axis; 0 for {@code out / in}
     */
    public int[] nearest(int in, int out, double scale) {
        double step = step(in, out, scale);
        return IntStream.range(0, out).map(i -> source(i, in, step)).toArray();
    }

    /** Computes in float32 as PyTorch, which decides about products next to an integer. */
    private static int source(int i, int in, double step) {
        return Math.min((int) Math.floor(i * (float) step), in - 1);
    }

    private double step(int in, int out, double scale) {
        if (alignCorners) {
            return out > 1 ? (in - 1) / (double) (out - 1) : 0;
        }
        return scale > 0 ? 1 / scale : in / (double) out;
    }

    private double position(int i, double step) {
        return alignCorners ? i * step : (i + 0.5) * step - 0.5;
    }

    private static double cubic(double distance) {
        return distance <= 1
                ? ((CUBIC + 2) * distance - (CUBIC + 3)) * distance * distance + 1
                : distance < 2
                        ? ((CUBIC * distance - 5 * CUBIC) * distance + 8 * CUBIC) * distance
                                - 4 * CUBIC
                        : 0;
    }
}
