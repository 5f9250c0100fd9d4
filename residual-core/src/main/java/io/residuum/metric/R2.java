package io.residuum.metric;

import io.residuum.spec.TypeName;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The coefficient of determination: 1 for perfect predictions, 0 for those of the mean. With
 * several numbers a sample it is the mean over these. Constant targets give 1 if all predictions
 * are perfect, otherwise 0.
 */
@TypeName("r2")
public record R2() implements MetricSpec {
    @Override
    public Metric of(MeasuredOutput output) {
        output.requireNumbers("r2");
        return new Sums(output.names().size());
    }

    private static final class Sums implements Metric {
        private final long[] count;
        private final double[] mean;
        private final double[] squares;
        private final double[] errors;

        Sums(int columns) {
            count = new long[columns];
            mean = new double[columns];
            squares = new double[columns];
            errors = new double[columns];
        }

        @Override
        public void add(MetricBatch batch) {
            float[] targets = batch.numbers();
            Columns columns = batch.columns();
            for (int p = 0; p < columns.positions(); p++) {
                for (int c = 0; c < columns.count(); c++) {
                    double target = targets[columns.index(p, c)];
                    if (!Double.isNaN(target)) {
                        double error = batch.value(p, c) - target;
                        errors[c] += error * error;
                        // Welford's update loses no digits if the mean is far from 0.
                        double before = target - mean[c];
                        mean[c] += before / ++count[c];
                        squares[c] += before * (target - mean[c]);
                    }
                }
            }
        }

        @Override
        public Map<String, Double> values() {
            return Map.of(
                    "R2",
                    IntStream.range(0, count.length)
                            .filter(c -> count[c] > 0)
                            .mapToDouble(this::of)
                            .average()
                            .orElse(Double.NaN));
        }

        private double of(int column) {
            if (squares[column] == 0) {
                return errors[column] == 0 ? 1 : 0;
            }
            return 1 - errors[column] / squares[column];
        }
    }
}
