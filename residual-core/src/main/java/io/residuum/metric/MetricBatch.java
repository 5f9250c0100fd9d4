package io.residuum.metric;

import ai.djl.ndarray.types.Shape;
import io.residuum.loss.Target;
import io.residuum.spec.Check;

/**
 * An output and its target for the samples of one forward pass, in plain Java.
 *
 * @param output the numbers of the output, row by row
 * @param shape the shape of the output, {@code (N, ...)}
 * @param columns the place of classes, labels or numbers in the output
 * @param target the target
 */
public record MetricBatch(float[] output, Shape shape, Columns columns, Target target) {

    /**
     * Creates a batch.
     *
     * @param output as for the record
     * @param shape as for the record
     * @param target as for the record
     */
    public MetricBatch(float[] output, Shape shape, Target target) {
        this(output, shape, Columns.of(shape), target);
    }

    public MetricBatch {
        int wanted =
                target instanceof Target.Classes
                        ? columns.positions()
                        : Math.toIntExact(shape.size());
        int found =
                target instanceof Target.Classes classes
                        ? classes.labels().length
                        : ((Target.Numbers) target).values().length;
        Check.that(
                wanted == found,
                "an output of shape %s needs %s targets, got %s",
                shape,
                wanted,
                found);
    }

    /** {@return the number of samples N} */
    public int samples() {
        return Math.toIntExact(shape.get(0));
    }

    /**
     * {@return one class per position, {@link Target#IGNORED} for positions that do not count}
     *
     * @throws MetricException if the targets are no classes
     */
    public int[] labels() {
        if (target instanceof Target.Classes classes) {
            return classes.labels();
        }
        throw new MetricException("the metric needs classes as targets, got numbers");
    }

    /**
     * {@return the target of each number of the output, NaN for those that are unknown}
     *
     * @throws MetricException if the targets are classes
     */
    public float[] numbers() {
        if (target instanceof Target.Numbers numbers) {
            return numbers.values();
        }
        throw new MetricException("the metric needs numbers as targets, got classes");
    }

    /**
     * {@return the mean squared error of the known numbers of a sample, NaN if there are none}
     *
     * @param sample the index of the sample
     */
    public double meanSquaredError(int sample) {
        float[] targets = numbers();
        int size = output.length / samples();
        double sum = 0;
        int known = 0;
        for (int i = sample * size; i < (sample + 1) * size; i++) {
            double error = (double) output[i] - targets[i];
            if (!Float.isNaN(targets[i])) {
                sum += error * error;
                known++;
            }
        }
        return sum / known;
    }

    /** {@return the class with the highest output, the first among equals} */
    public int best(int position) {
        int best = 0;
        for (int c = 1; c < columns.count(); c++) {
            if (value(position, c) > value(position, best)) {
                best = c;
            }
        }
        return best;
    }

    /**
     * {@return the number of classes before a label in the order of the output. Among equals the
     * first wins, and NaN wins over every label, so that it is never correct}
     *
     * @param label the class
     */
    public int rank(int position, int label) {
        float own = value(position, label);
        int before = 0;
        for (int c = 0; c < columns.count(); c++) {
            float value = value(position, c);
            // The negations count NaN.
            if (c != label && (c < label ? !(value < own) : !(value <= own))) {
                before++;
            }
        }
        return before;
    }

    /**
     * {@return a number of the output}
     *
     * @param column the class, label or number
     */
    public float value(int position, int column) {
        return output[columns.index(position, column)];
    }
}
