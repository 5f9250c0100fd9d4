package io.residuum.metric;

import io.residuum.loss.Target;

/**
 * Counts predictions by class or label. The class with the highest logit is predicted, and a label
 * is predicted if its logit is above 0, a probability above one half.
 */
public final class ClassCounts {
    private static final float HALF = 0.5f;

    private final long[] right;
    private final long[] predicted;
    private final long[] actual;
    private long total;
    private long correct;

    ClassCounts(int columns) {
        right = new long[columns];
        predicted = new long[columns];
        actual = new long[columns];
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
            int label = labels[p];
            if (label == Target.IGNORED) {
                continue;
            }
            total++;
            actual[label]++;
            predicted[batch.best(p)]++;
            if (batch.rank(p, label) == 0) {
                right[label]++;
                correct++;
            }
        }
    }

    private void addLabels(MetricBatch batch, float[] targets) {
        Columns columns = batch.columns();
        for (int p = 0; p < columns.positions(); p++) {
            for (int c = 0; c < columns.count(); c++) {
                float target = targets[columns.index(p, c)];
                if (Float.isNaN(target)) {
                    continue;
                }
                boolean is = target > HALF;
                boolean found = batch.value(p, c) > 0;
                total++;
                actual[c] += is ? 1 : 0;
                predicted[c] += found ? 1 : 0;
                right[c] += is && found ? 1 : 0;
                correct += is == found ? 1 : 0;
            }
        }
    }

    /** {@return the share of correct predictions, in [0, 1]; NaN without any} */
    public double accuracy() {
        return (double) correct / total;
    }

    /**
     * {@return true if a class occurs among the targets or the predictions}
     *
     * @param column the class or label
     */
    public boolean occurs(int column) {
        return actual[column] + predicted[column] > 0;
    }

    /**
     * {@return the share of correct predictions of a class among all predictions of it; 0 if it was
     * never predicted}
     *
     * @param column the class or label
     */
    public double precision(int column) {
        return share(right[column], predicted[column]);
    }

    /**
     * {@return the share of correct predictions among the samples of a class; 0 if it has none}
     *
     * @param column the class or label
     */
    public double recall(int column) {
        return share(right[column], actual[column]);
    }

    /**
     * {@return the harmonic mean of precision and recall, in [0, 1]}
     *
     * @param column the class or label
     */
    public double f1(int column) {
        return share(2 * right[column], actual[column] + predicted[column]);
    }

    /**
     * {@return the intersection of predictions and targets of a class, divided by their union}
     *
     * @param column the class or label
     */
    public double iou(int column) {
        return share(right[column], actual[column] + predicted[column] - right[column]);
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
