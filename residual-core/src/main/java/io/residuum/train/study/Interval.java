package io.residuum.train.study;

import io.residuum.train.study.CrossValidation.Spread;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mean, deviation and confidence interval of a measure over runs.
 *
 * @param runs the number of runs
 * @param mean the mean
 * @param deviation the sample standard deviation; null for one run
 * @param low the lower end of the 95% interval of the mean, by Student's t distribution; null for
 *     one run
 * @param high the upper end
 */
public record Interval(
        int runs,
        double mean,
        @Nullable Double deviation,
        @Nullable Double low,
        @Nullable Double high) {

    /** The 97.5% quantiles of Student's t distribution with 1 to 10 degrees of freedom. */
    private static final double[] QUANTILES = {
        12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.306, 2.26216, 2.22814
    };

    private static final double NORMAL = 1.959964;

    static Interval of(List<Double> values) {
        double[] numbers = values.stream().mapToDouble(v -> v).toArray();
        if (numbers.length == 1) {
            return new Interval(1, numbers[0], null, null, null);
        }
        Spread spread = Spread.of(numbers);
        double half = quantile(numbers.length - 1) * spread.deviation() / Math.sqrt(numbers.length);
        return new Interval(
                numbers.length,
                spread.mean(),
                spread.deviation(),
                spread.mean() - half,
                spread.mean() + half);
    }

    /** Returns the 97.5% quantile of Student's t distribution. */
    static double quantile(int degrees) {
        if (degrees <= QUANTILES.length) {
            return QUANTILES[degrees - 1];
        }
        // Abramowitz and Stegun 1964, 26.7.5: less than 2e-5 off from 11 degrees on.
        double z = NORMAL;
        double n = degrees;
        double cubic = (Math.pow(z, 3) + z) / 4;
        double fifth = (5 * Math.pow(z, 5) + 16 * Math.pow(z, 3) + 3 * z) / 96;
        double seventh =
                (3 * Math.pow(z, 7) + 19 * Math.pow(z, 5) + 17 * Math.pow(z, 3) - 15 * z) / 384;
        double ninth =
                (79 * Math.pow(z, 9)
                                + 776 * Math.pow(z, 7)
                                + 1482 * Math.pow(z, 5)
                                - 1920 * Math.pow(z, 3)
                                - 945 * z)
                        / 92160;
        return z + cubic / n + fifth / (n * n) + seventh / Math.pow(n, 3) + ninth / Math.pow(n, 4);
    }
}
