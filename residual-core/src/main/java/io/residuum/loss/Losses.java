package io.residuum.loss;

import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Check;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks and conversions that losses share. */
final class Losses {
    /** The largest difference of a row's sum from 1. */
    private static final double SUM_TOLERANCE = 1e-3;

    private Losses() {}

    static void checkWeight(double weight) {
        notNegative("weight", weight);
    }

    static void notNegative(String name, double value) {
        Check.that(
                value >= 0 && Double.isFinite(value), "%s must be at least 0, got %s", name, value);
    }

    static void positive(String name, double value) {
        Check.that(value > 0 && Double.isFinite(value), "%s must be positive, got %s", name, value);
    }

    /** Returns a copy of weights that are not negative. */
    static List<Double> weights(String name, List<Double> weights) {
        List<Double> copy = List.copyOf(weights);
        copy.forEach(w -> notNegative(name, w));
        return copy;
    }

    /** Returns numbers in the shape of the output. */
    static Target.Numbers numbers(String loss, @Nullable Target target, Shape output) {
        if (!(target instanceof Target.Numbers numbers)) {
            throw wrongKind(loss, "numbers", target);
        }
        if (!numbers.shape().equals(output)) {
            throw new LossException(
                    "the target of an output must have its shape %s, got %s"
                            .formatted(output, numbers.shape()));
        }
        return numbers;
    }

    /**
     * Returns classes, with one label per position. Numbers are taken for rows of probabilities; a
     * row with an unknown number does not count.
     */
    static Target.Classes classes(String loss, @Nullable Target target, Shape output) {
        if (target instanceof Target.Classes classes) {
            return classes;
        }
        if (target == null) {
            throw wrongKind(loss, "classes or probabilities", null);
        }
        int count = Math.toIntExact(output.get(Axes.classes(output)));
        float[] given = numbers(loss, target, output).values();
        float[] rows = Axes.classesLast(given, output);
        int[] labels = new int[rows.length / count];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = label(loss, rows, i * count, count);
        }
        return new Target.Classes(labels, rows);
    }

    /** Returns the class with the highest probability, or that the row is unknown. */
    private static int label(String loss, float[] rows, int from, int count) {
        int best = from;
        double sum = 0;
        boolean negative = false;
        for (int i = from; i < from + count; i++) {
            if (Float.isNaN(rows[i])) {
                return Target.IGNORED;
            }
            sum += rows[i];
            negative |= rows[i] < 0;
            best = rows[i] > rows[best] ? i : best;
        }
        if (negative || Math.abs(sum - 1) > SUM_TOLERANCE) {
            throw new LossException(
                    "%s needs classes, or probabilities that sum to 1, as targets, got %s with the sum %s: name another loss for this output in losses of the recipe"
                            .formatted(loss, brief(rows, from, count), sum));
        }
        return best - from;
    }

    private static String brief(float[] rows, int from, int count) {
        String text = Arrays.toString(Arrays.copyOfRange(rows, from, from + Math.min(8, count)));
        return count <= 8 ? text : text.replace("]", ", ...]");
    }

    /**
     * Returns a number for each number of the output: classes become probabilities, which are 1 for
     * a label and NaN where it is ignored.
     */
    static Target.Numbers oneHot(String loss, @Nullable Target target, Shape output) {
        if (!(target instanceof Target.Classes classes)) {
            return numbers(loss, target, output);
        }
        int count = Math.toIntExact(output.get(Axes.classes(output)));
        int[] labels = classes.labels();
        if ((long) labels.length * count != output.size()) {
            throw new LossException(
                    "the target of an output of shape %s must have %d labels, got %d"
                            .formatted(output, output.size() / count, labels.length));
        }
        float[] given = classes.probabilities();
        float[] rows = given == null ? new float[labels.length * count] : given.clone();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == Target.IGNORED) {
                Arrays.fill(rows, i * count, (i + 1) * count, Float.NaN);
            } else if (given == null) {
                requireClass(labels[i], count);
                rows[i * count + labels[i]] = 1;
            }
        }
        return new Target.Numbers(Axes.classesBack(rows, output), output);
    }

    /** Requires a class. An engine would silently take a label out of range for another class. */
    static void requireClass(int label, int classes) {
        if (label < 0 || label >= classes) {
            throw new LossException(
                    "labels must be in [0, %d), or %d if they do not count, got %d: correct the data, or name this label in ignoreIndex of crossEntropy"
                            .formatted(classes, Target.IGNORED, label));
        }
    }

    static LossException wrongKind(String loss, String wanted, @Nullable Target target) {
        String found =
                target == null ? "none" : target instanceof Target.Classes ? "classes" : "numbers";
        return new LossException(
                "%s needs %s as targets, got %s: name another loss for this output in losses of the recipe"
                        .formatted(loss, wanted, found));
    }
}
