package io.residuum.weights.quantized;

import java.util.Arrays;

/**
 * A way to store a weight as integers, symmetric around zero: {@code weight = scale * integer}.
 *
 * @param bits 8 or 4
 * @param group the number of neighbouring weights of an output that share a scale, fewer at the end
 *     of an output; 0 for one scale per output
 */
public record QuantizedFormat(int bits, int group) {
    /** Eight bits with a scale per output, which runtimes compute with. */
    public static final QuantizedFormat PER_OUTPUT = new QuantizedFormat(8, 0);

    private static final int MOST = 127;
    private static final int LEAST_OF_FOUR = -8;
    private static final int LEAST_GROUP = 16;

    /** Checks the settings. */
    public QuantizedFormat {
        if (bits != 8 && bits != 4 || group < 0) {
            throw new IllegalArgumentException(
                    "weights must have 8 or 4 bits and groups of at least 0, got %d bits and %d"
                            .formatted(bits, group));
        }
    }

    /**
     * {@return true if a weight can be stored: matrices and filters; with 4 bits matrices of an
     * even width, since a byte holds two}
     *
     * @param shape the outputs, then the other dimensions
     */
    public boolean fits(long... shape) {
        if (shape.length < 2 || shape[0] == 0) {
            return false;
        }
        long columns = Arrays.stream(shape, 1, shape.length).reduce(1, (a, b) -> a * b);
        return columns > 0 && (bits == 8 || columns % 2 == 0 && shape.length == 2);
    }

    /** {@return the number of scales of an output with some number of weights} */
    public long scales(long columns) {
        return group == 0 ? 1 : (columns + group - 1) / group;
    }

    /** {@return true if groups have a size that packed products of runtimes have} */
    public boolean isPowerOfTwo() {
        return group >= LEAST_GROUP && Integer.bitCount(group) == 1;
    }

    /**
     * {@return the nearest weights of this format} Weights that have this format already stay as
     * they are, up to the rounding of their scales.
     *
     * @param values the weights, row by row
     * @param rows the number of outputs
     */
    public QuantizedTensor quantize(float[] values, int rows) {
        int columns = values.length / rows;
        int width = group == 0 ? columns : group;
        byte[] integers = new byte[values.length];
        float[] scales = new float[Math.toIntExact(rows * scales(columns))];
        int done = 0;
        for (int g = 0; g < scales.length; g++) {
            int end = Math.min(done + width, (done / columns + 1) * columns);
            scales[g] = scale(values, done, end);
            for (; done < end; done++) {
                integers[done] = (byte) round(values[done], scales[g]);
            }
        }
        return new QuantizedTensor(integers, scales, columns, width);
    }

    private long round(float value, double scale) {
        long nearest = Math.round(value / scale);
        return bits == 8
                ? Math.max(-MOST, Math.min(MOST, nearest))
                : Math.max(LEAST_OF_FOUR, Math.min(LEAST_OF_FOUR + 15, nearest));
    }

    private float scale(float[] values, int from, int to) {
        float extreme = 0;
        for (int i = from; i < to; i++) {
            extreme = Math.abs(values[i]) > Math.abs(extreme) ? values[i] : extreme;
        }
        if (extreme == 0) {
            return 1;
        }
        if (bits == 8) {
            return Math.abs(extreme) / MOST;
        }
        // Four bits lose least if the extreme is clipped or is no multiple of 8: least squares.
        float best = extreme;
        double least = Double.POSITIVE_INFINITY;
        for (int tenths = 60; tenths <= 100; tenths++) {
            float scale = extreme / (tenths / -10f);
            double error = 0;
            for (int i = from; i < to; i++) {
                error += Math.pow(values[i] - scale * (double) round(values[i], scale), 2);
            }
            if (error < least) {
                least = error;
                best = scale;
            }
        }
        return best;
    }
}
