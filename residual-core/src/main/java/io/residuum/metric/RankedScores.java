package io.residuum.metric;

import io.residuum.loss.Target;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Keeps a score and the truth of every position by class or label. The score of a class is the
 * logarithm of its odds, which orders samples as the softmax does, without its rounding to 0 and 1.
 */
public final class RankedScores {
    private final Column[] columns;

    private static final class Column {
        private float[] scores = new float[64];
        private final BitSet positive = new BitSet();
        private int size;
        private boolean broken;

        void add(double score, boolean isPositive) {
            if (size == scores.length) {
                scores = Arrays.copyOf(scores, 2 * size);
            }
            broken |= Double.isNaN(score);
            positive.set(size, isPositive);
            scores[size++] = (float) score;
        }
    }

    /**
     * The numbers of positive and negative samples with a score above each threshold, from the
     * highest score to the lowest. Equal scores share a threshold.
     *
     * @param truePositives ascending
     * @param falsePositives ascending
     */
    private record Thresholds(int[] truePositives, int[] falsePositives) {
        int positives() {
            return truePositives.length == 0 ? 0 : truePositives[truePositives.length - 1];
        }

        int negatives() {
            return falsePositives.length == 0 ? 0 : falsePositives[falsePositives.length - 1];
        }
    }

    /**
     * A curve of thresholds.
     *
     * @param x ascending, in [0, 1]
     * @param y as many values, in [0, 1]
     */
    public record Curve(double[] x, double[] y) {}

    RankedScores(int columns) {
        this.columns = new Column[columns];
        Arrays.setAll(this.columns, c -> new Column());
    }

    void add(MetricBatch batch) {
        if (batch.target() instanceof Target.Classes classes) {
            addClasses(batch, classes.labels());
        } else {
            addLabels(batch, batch.numbers());
        }
    }

    private void addClasses(MetricBatch batch, int[] labels) {
        for (int p = 0; p < labels.length; p++) {
            if (labels[p] == Target.IGNORED) {
                continue;
            }
            int best = batch.best(p);
            float max = batch.value(p, best);
            double withoutBest = 0;
            for (int c = 0; c < columns.length; c++) {
                withoutBest += c == best ? 0 : Math.exp(batch.value(p, c) - max);
            }
            for (int c = 0; c < columns.length; c++) {
                double own = (double) batch.value(p, c) - max;
                double others = c == best ? withoutBest : 1 + withoutBest - Math.exp(own);
                columns[c].add(own - Math.log(others), labels[p] == c);
            }
        }
    }

    private void addLabels(MetricBatch batch, float[] targets) {
        Columns places = batch.columns();
        for (int p = 0; p < places.positions(); p++) {
            for (int c = 0; c < columns.length; c++) {
                float target = targets[places.index(p, c)];
                if (!Float.isNaN(target)) {
                    columns[c].add(batch.value(p, c), target > 0.5f);
                }
            }
        }
    }

    /** {@return the number of classes or labels} */
    public int columns() {
        return columns.length;
    }

    /**
     * {@return true if a class has positive samples, and all scores are numbers}
     *
     * @param column the class or label
     */
    public boolean hasPositives(int column) {
        return !columns[column].positive.isEmpty() && !columns[column].broken;
    }

    /**
     * {@return true if a class has positive and negative samples, and all scores are numbers}
     *
     * @param column the class or label
     */
    public boolean hasBoth(int column) {
        if (columns[column].broken) {
            return false;
        }
        int positives = columns[column].positive.cardinality();
        return positives > 0 && positives < columns[column].size;
    }

    /**
     * {@return the share of positive samples of a class, in [0, 1]}
     *
     * @param column the class or label
     */
    public double positives(int column) {
        return (double) columns[column].positive.cardinality() / columns[column].size;
    }

    /**
     * {@return the area under the ROC curve of one class against the rest, in [0, 1]. Equal scores
     * count one half. NaN without positive or negative samples}
     *
     * @param column the class or label
     */
    public double rocAuc(int column) {
        Curve curve = roc(column);
        double area = 0;
        for (int i = 1; i < curve.x().length; i++) {
            area += (curve.x()[i] - curve.x()[i - 1]) * (curve.y()[i] + curve.y()[i - 1]) / 2;
        }
        return area;
    }

    /**
     * {@return the average precision of a class: the sum over thresholds of the precision, weighted
     * by the growth of the recall, without interpolation. NaN without positive samples}
     *
     * @param column the class or label
     */
    public double averagePrecision(int column) {
        Curve curve = precisionRecall(column);
        double sum = curve.x()[0] * curve.y()[0];
        for (int i = 1; i < curve.x().length; i++) {
            sum += (curve.x()[i] - curve.x()[i - 1]) * curve.y()[i];
        }
        return sum;
    }

    /**
     * {@return the ROC curve: the share of positives found by the share of negatives mistaken}
     *
     * @param column the class or label
     */
    public Curve roc(int column) {
        Thresholds t = thresholds(columns[column]);
        int n = t.truePositives().length;
        double[] x = new double[n + 1];
        double[] y = new double[n + 1];
        for (int i = 0; i < n; i++) {
            x[i + 1] = (double) t.falsePositives()[i] / t.negatives();
            y[i + 1] = (double) t.truePositives()[i] / t.positives();
        }
        return new Curve(x, y);
    }

    /**
     * {@return the precision by the recall, from the highest threshold to the lowest}
     *
     * @param column the class or label
     */
    public Curve precisionRecall(int column) {
        Thresholds t = thresholds(columns[column]);
        int n = t.truePositives().length;
        if (n == 0) {
            return new Curve(new double[] {Double.NaN}, new double[] {Double.NaN});
        }
        double[] x = new double[n];
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
            int found = t.truePositives()[i] + t.falsePositives()[i];
            x[i] = (double) t.truePositives()[i] / t.positives();
            y[i] = (double) t.truePositives()[i] / found;
        }
        return new Curve(x, y);
    }

    private static Thresholds thresholds(Column column) {
        // Sorts primitive values: order-preserving bits of the score above the index of the sample.
        long[] order = new long[column.size];
        for (int i = 0; i < order.length; i++) {
            // Adding 0 makes -0 equal to 0.
            int bits = Float.floatToIntBits(column.scores[i] + 0f);
            order[i] = (long) (bits ^ (bits >> 31 & Integer.MAX_VALUE)) << 32 | i;
        }
        Arrays.sort(order);
        int[] truePositives = new int[order.length];
        int[] falsePositives = new int[order.length];
        int size = 0;
        int positives = 0;
        int negatives = 0;
        for (int i = order.length - 1; i >= 0; i--) {
            if (column.positive.get((int) order[i])) {
                positives++;
            } else {
                negatives++;
            }
            if (i == 0 || order[i] >> 32 != order[i - 1] >> 32) {
                truePositives[size] = positives;
                falsePositives[size++] = negatives;
            }
        }
        return new Thresholds(
                Arrays.copyOf(truePositives, size), Arrays.copyOf(falsePositives, size));
    }
}
