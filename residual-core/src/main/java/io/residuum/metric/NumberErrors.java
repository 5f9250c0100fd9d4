package io.residuum.metric;

import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** The mean of an error over all known numbers. */
final class NumberErrors implements Metric {
    private final String name;
    private final DoubleBinaryOperator error;
    private final DoubleUnaryOperator ofMean;
    private double sum;
    private long count;

    /**
     * Creates a metric without samples.
     *
     * @param error computes the error of a number from output and target
     * @param ofMean computes the metric from the mean error
     */
    NumberErrors(String name, DoubleBinaryOperator error, DoubleUnaryOperator ofMean) {
        this.name = name;
        this.error = error;
        this.ofMean = ofMean;
    }

    @Override
    public void add(MetricBatch batch) {
        float[] targets = batch.numbers();
        for (int i = 0; i < targets.length; i++) {
            if (!Float.isNaN(targets[i])) {
                sum += error.applyAsDouble(batch.output()[i], targets[i]);
                count++;
            }
        }
    }

    @Override
    public Map<String, Double> values() {
        return Map.of(name, ofMean.applyAsDouble(sum / count));
    }
}
