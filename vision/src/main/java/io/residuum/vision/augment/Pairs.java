package io.residuum.vision.augment;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The arithmetic of {@link Mixup} and {@link CutMix}: row pairs, the beta distribution and its
 * generalization.
 */
final class Pairs {
    private Pairs() {}

    /** Blends rows i and n - 1 - i: each keeps {@code kept} and gets the rest of the other. */
    static void blend(float[] rows, int length, int size, float kept) {
        for (int i = 0; i < size / 2; i++) {
            int a = i * length;
            int b = (size - 1 - i) * length;
            for (int end = a + length; a < end; a++, b++) {
                float first = rows[a];
                float second = rows[b];
                rows[a] = kept * first + (1 - kept) * second;
                rows[b] = kept * second + (1 - kept) * first;
            }
        }
    }

    /** Draws from Beta(alpha, alpha): one of two Gamma(alpha) variables, divided by their sum. */
    static double beta(double alpha, RandomGenerator random) {
        // Logarithms, because both variables may underflow for a small alpha.
        double one = logGamma(alpha, random);
        double other = logGamma(alpha, random);
        return 1 / (1 + Math.exp(other - one));
    }

    /** Draws from a symmetric Dirichlet distribution: positive numbers that sum to 1. */
    static double[] dirichlet(double alpha, int count, RandomGenerator random) {
        double[] logs = new double[count];
        Arrays.setAll(logs, i -> logGamma(alpha, random));
        double largest = Arrays.stream(logs).max().orElseThrow();
        double sum = Arrays.stream(logs).map(log -> Math.exp(log - largest)).sum();
        return Arrays.stream(logs).map(log -> Math.exp(log - largest) / sum).toArray();
    }

    /** Draws an index with a probability in proportion to its weight. */
    static int draw(double[] weights, RandomGenerator random) {
        double left = random.nextDouble() * Arrays.stream(weights).sum();
        int index = 0;
        int last = 0; // a weight above 0, should rounding leave something
        for (; index < weights.length && left >= 0; index++) {
            left -= weights[index];
            last = weights[index] > 0 ? index : last;
        }
        return last;
    }

    /** Draws log Gamma(alpha) (Marsaglia and Tsang 2000, with their boost for alpha below 1). */
    private static double logGamma(double alpha, RandomGenerator random) {
        double d = alpha + 1 - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double t = 1 + c * x;
            double v = t * t * t;
            double u = 1 - random.nextDouble();
            if (v > 0 && Math.log(u) < x * x / 2 + d - d * v + d * Math.log(v)) {
                return Math.log(d * v) + Math.log(1 - random.nextDouble()) / alpha;
            }
        }
    }

    static void checkDraw(double weight, double probability) {
        checkArgument(
                weight > 0 && Double.isFinite(weight), "weight must be positive, got %s", weight);
        checkArgument(
                probability >= 0 && probability <= 1,
                "probability must be in [0, 1], got %s",
                probability);
    }

    static void checkAlpha(double alpha) {
        checkArgument(alpha > 0 && Double.isFinite(alpha), "alpha must be positive, got %s", alpha);
    }
}
