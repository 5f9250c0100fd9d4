package io.residuum.transformer.layers;

import io.residuum.nn.Init;

/** The arrangements of sines and cosines of a position over the channels. */
enum Sinusoids {
    /** Sines in even channels, cosines in odd ones (Vaswani et al. 2017, Section 3.5). */
    INTERLEAVED,
    /** Sines in the first half of the channels, cosines in the second, of equal frequencies. */
    HALVES,
    /** Halves whose last frequency is 1/10000 (tensor2tensor). */
    TO_THE_LAST;

    private static final double BASE = 10000;

    /** {@return a value for each position and channel, in row-major order} */
    float[] rows(int first, int count, int width) {
        float[] values = new float[count * width];
        for (int t = 0; t < count; t++) {
            for (int c = 0; c < width; c++) {
                values[t * width + c] = (float) value(first + t, c, width);
            }
        }
        return values;
    }

    private double value(int position, int channel, int width) {
        int half = this == HALVES ? (width + 1) / 2 : width / 2;
        if (this == INTERLEAVED) {
            double angle = position * Math.pow(BASE, -2.0 * (channel / 2) / width);
            return channel % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
        }
        if (this == TO_THE_LAST && channel == 2 * half) {
            return 0; // the last channel of an odd width
        }
        double frequency = channel % half;
        double exponent = this == HALVES ? 2 * frequency / width : frequency / (half - 1);
        double angle = position * Math.pow(BASE, -exponent);
        return channel < half ? Math.sin(angle) : Math.cos(angle);
    }

    /** {@return the rows from position 0 as initial values} */
    Init init() {
        return new Init.Defined(
                (values, shape, random) -> {
                    int width = Math.toIntExact(shape.get(1));
                    float[] rows = rows(0, Math.toIntExact(shape.get(0)), width);
                    System.arraycopy(rows, 0, values, 0, values.length);
                });
    }
}
