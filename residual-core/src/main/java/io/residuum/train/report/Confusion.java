package io.residuum.train.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A confusion matrix, {@code counts[truth][predicted]}, and the measures computed from it. */
final class Confusion {

    /**
     * A confusion of one class with another.
     *
     * @param truth the correct class
     * @param predicted the predicted class
     * @param count the number of such errors
     * @param share the fraction of all samples of {@code truth}, in (0, 1]
     */
    record Pair(int truth, int predicted, long count, double share) {}

    private final long[][] counts;
    private final long[] truths;
    private final long[] predictions;

    Confusion(long[][] counts) {
        this.counts = counts;
        this.truths = new long[counts.length];
        this.predictions = new long[counts.length];
        for (int t = 0; t < counts.length; t++) {
            for (int p = 0; p < counts.length; p++) {
                truths[t] += counts[t][p];
                predictions[p] += counts[t][p];
            }
        }
    }

    int classes() {
        return counts.length;
    }

    long count(int truth, int predicted) {
        return counts[truth][predicted];
    }

    /** Returns the number of samples of a class. */
    long samples(int truth) {
        return truths[truth];
    }

    /**
     * Returns the fraction of a class's samples predicted as another class; 0 if it has no samples.
     */
    double share(int truth, int predicted) {
        return truths[truth] == 0 ? 0 : (double) counts[truth][predicted] / truths[truth];
    }

    /** Returns the fraction of a class's samples predicted correctly; NaN if it has no samples. */
    double recall(int c) {
        return (double) counts[c][c] / truths[c];
    }

    /** Returns the fraction of correct predictions of a class; NaN if it was never predicted. */
    double precision(int c) {
        return (double) counts[c][c] / predictions[c];
    }

    long total() {
        long sum = 0;
        for (long n : truths) {
            sum += n;
        }
        return sum;
    }

    long errors() {
        long right = 0;
        for (int c = 0; c < counts.length; c++) {
            right += counts[c][c];
        }
        return total() - right;
    }

    /** Returns all confusions with a positive count, the most frequent ones first. */
    List<Pair> pairs() {
        List<Pair> pairs = new ArrayList<>();
        for (int t = 0; t < counts.length; t++) {
            for (int p = 0; p < counts.length; p++) {
                if (t != p && counts[t][p] > 0) {
                    pairs.add(new Pair(t, p, counts[t][p], share(t, p)));
                }
            }
        }
        pairs.sort(
                Comparator.comparingLong(Pair::count).thenComparingDouble(Pair::share).reversed());
        return pairs;
    }
}
