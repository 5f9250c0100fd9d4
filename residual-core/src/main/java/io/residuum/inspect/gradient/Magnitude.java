package io.residuum.inspect.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import java.util.stream.IntStream;

/**
 * Sums over the elements of an array, in double. The array is divided by its largest element first,
 * because squares of vanishing gradients are zero in float32.
 *
 * @param squares the sum of squares
 * @param absolutes the sum of absolute values
 */
record Magnitude(double squares, double absolutes) {
    static final Magnitude ZERO = new Magnitude(0, 0);

    static Magnitude of(NDArray x, Ops ops) {
        try (NDManager scratch = x.getManager().newSubManager()) {
            NDArray sizes = x.abs();
            sizes.attach(scratch);
            double largest = Values.floats(sizes.max())[0];
            if (largest == 0) {
                return ZERO;
            }
            long rows = x.getShape().dimension() == 0 ? 1 : x.getShape().get(0);
            NDArray scaled = ops.div(sizes, largest).reshape(rows, -1);
            return new Magnitude(
                    sum(scaled.mul(scaled)) * largest * largest, sum(scaled) * largest);
        }
    }

    /** Sums rows on the engine and their sums in Java. */
    private static double sum(NDArray rows) {
        float[] sums = Values.floats(rows.sum(new int[] {1}));
        return IntStream.range(0, sums.length).mapToDouble(i -> sums[i]).sum();
    }

    Magnitude plus(Magnitude other, double factor) {
        return new Magnitude(
                squares + factor * factor * other.squares, absolutes + factor * other.absolutes);
    }

    double norm() {
        return Math.sqrt(squares);
    }
}
