package io.residuum.examples.cli.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Measures the times of equal steps, after a warm-up. */
public final class Stopwatch {
    private static final int WARM_UP_LEAST = 3;
    private static final int WARM_UP_MOST = 50;
    private static final double WARM_UP_SECONDS = 20;

    /** The largest ratio between the times of the last warm-up steps. */
    private static final double STEADY = 1.1;

    private static final int LEAST_STEPS = 10;
    private static final int MOST_STEPS = 10_000;
    private static final double SECONDS = 3;

    private final double[] sortedMillis;

    private Stopwatch(List<Double> millis) {
        sortedMillis = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    }

    /**
     * Runs steps and measures their times.
     *
     * @param step one step, which waits for its result
     * @param steps the number of measured steps, or null for at least 10 steps and 3 seconds
     */
    public static Stopwatch measure(Runnable step, @Nullable Integer steps) {
        warmUp(step);
        int least = Objects.requireNonNullElse(steps, LEAST_STEPS);
        int most = Objects.requireNonNullElse(steps, MOST_STEPS);
        List<Double> millis = new ArrayList<>();
        double total = 0;
        while (millis.size() < least || (millis.size() < most && total < 1000 * SECONDS)) {
            double t = time(step);
            millis.add(t);
            total += t;
        }
        return new Stopwatch(millis);
    }

    private static void warmUp(Runnable step) {
        double[] last = new double[WARM_UP_LEAST];
        double total = 0;
        for (int i = 0; i < WARM_UP_MOST && total < 1000 * WARM_UP_SECONDS; i++) {
            double t = time(step);
            last[i % last.length] = t;
            total += t;
            if (i + 1 >= WARM_UP_LEAST) {
                double least = Arrays.stream(last).min().orElse(0);
                double most = Arrays.stream(last).max().orElse(0);
                if (most <= STEADY * least) {
                    return;
                }
            }
        }
    }

    private static double time(Runnable step) {
        long start = System.nanoTime();
        step.run();
        return (System.nanoTime() - start) / 1e6;
    }

    public int steps() {
        return sortedMillis.length;
    }

    /** {@return an interpolated percentile of the times in milliseconds} */
    public double percentile(double percent) {
        double at = percent / 100 * (sortedMillis.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sortedMillis.length - 1);
        return sortedMillis[below] + (at - below) * (sortedMillis[above] - sortedMillis[below]);
    }
}
