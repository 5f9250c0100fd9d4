package io.residuum.model.quantize;

import io.residuum.graph.FakeQuantize;
import java.util.Arrays;

/** The distribution of an activation over the calibration data. */
final class Histogram {
    private static final int BINS = 2048;
    private static final int FIRST_BINS = 128;
    private static final int STEP = 16;
    private static final double EMPTY = 1e-10;

    private float low = Float.POSITIVE_INFINITY;
    private float high = Float.NEGATIVE_INFINITY;
    private final long[] counts = new long[BINS];

    /** Extends the range, in a first pass. */
    void extend(float[] values) {
        for (float value : values) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
    }

    /** Counts values, in a second pass over the same data. Zero is exact in any range. */
    void count(float[] values) {
        double perBin = BINS / Math.max(high - (double) low, Float.MIN_NORMAL);
        for (float value : values) {
            if (value != 0) {
                counts[(int) Math.max(0, Math.min(BINS - 1, (value - low) * perBin))]++;
            }
        }
    }

    boolean isFinite() {
        return Float.isFinite(low) && Float.isFinite(high);
    }

    FakeQuantize range(Calibration method, double percentile) {
        return switch (method) {
            case MINMAX -> FakeQuantize.of(low, high);
            case PERCENTILE -> percentile(percentile / 100);
            case ENTROPY -> entropy();
        };
    }

    private double edge(int bin) {
        return low + (high - (double) low) * bin / BINS;
    }

    private FakeQuantize percentile(double share) {
        long allowed = (long) (Arrays.stream(counts).sum() * (1 - share));
        int first = 0;
        for (long below = counts[0]; below <= allowed && first < BINS - 1; ) {
            below += counts[++first];
        }
        int last = BINS - 1;
        for (long above = counts[last]; above <= allowed && last > first; ) {
            above += counts[--last];
        }
        return FakeQuantize.of(edge(first), edge(last + 1));
    }

    /**
     * Chooses the threshold of magnitudes whose rounded distribution has the smallest
     * Kullback-Leibler divergence (Migacz 2017, "8-bit inference with TensorRT").
     */
    private FakeQuantize entropy() {
        double largest = Math.max(Math.abs(low), Math.abs(high));
        long[] magnitudes = new long[BINS];
        for (int i = 0; i < BINS; i++) {
            double center = Math.abs((edge(i) + edge(i + 1)) / 2);
            magnitudes[(int) Math.min(BINS - 1, center / largest * BINS)] += counts[i];
        }
        // Both signs share the levels.
        int levels = low < 0 ? (FakeQuantize.LEVELS + 1) / 2 : FakeQuantize.LEVELS + 1;
        int best = BINS;
        double least = Double.POSITIVE_INFINITY;
        for (int bins = Math.max(FIRST_BINS, levels); bins <= BINS; bins += STEP) {
            double divergence = divergence(magnitudes, bins, levels);
            if (divergence < least) {
                least = divergence;
                best = bins;
            }
        }
        double threshold = largest * best / BINS;
        return FakeQuantize.of(Math.max(low, -threshold), Math.min(high, threshold));
    }

    private static double divergence(long[] counts, int bins, int levels) {
        double[] clipped = new double[bins];
        for (int i = 0; i < counts.length; i++) {
            clipped[Math.min(i, bins - 1)] += counts[i];
        }
        double[] rounded = new double[bins];
        for (int level = 0; level < levels; level++) {
            int from = level * bins / levels;
            int to = (level + 1) * bins / levels;
            double sum = 0;
            int filled = 0;
            for (int i = from; i < to; i++) {
                sum += counts[i];
                filled += clipped[i] > 0 ? 1 : 0;
            }
            for (int i = from; i < to; i++) {
                rounded[i] = clipped[i] > 0 ? sum / filled : 0;
            }
        }
        double all = Arrays.stream(clipped).sum();
        double kept = Math.max(Arrays.stream(rounded).sum(), EMPTY);
        double divergence = 0;
        for (int i = 0; i < bins; i++) {
            if (clipped[i] > 0) {
                double p = clipped[i] / all;
                divergence += p * Math.log(p / Math.max(rounded[i] / kept, EMPTY));
            }
        }
        return divergence;
    }
}
