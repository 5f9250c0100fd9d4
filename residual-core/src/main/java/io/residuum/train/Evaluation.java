package io.residuum.train;

import java.util.Locale;
import java.util.stream.IntStream;

/** How well a classifier did on a set, sample by sample in the order of the set. */
public final class Evaluation {
    private static final int TOP = 5;

    private final int classes;
    private final int[] labels;
    private final int[] predictions;
    private final float[] probabilities;
    private double lossSum;
    private int correct;
    private int inTop;
    private int seen;

    /**
     * Begins an evaluation.
     *
     * @param samples how many there will be
     * @param classes the width of the output
     */
    public Evaluation(int samples, int classes) {
        this.classes = classes;
        labels = new int[samples];
        predictions = new int[samples];
        probabilities = new float[samples];
    }

    /**
     * Takes the outputs of the next samples.
     *
     * @param logits {@code (n, classes)}
     * @param labelsOfBatch {@code (n)}
     */
    public void add(float[] logits, int[] labelsOfBatch) {
        for (int i = 0; i < labelsOfBatch.length; i++) {
            add(logits, i * classes, labelsOfBatch[i]);
        }
    }

    private void add(float[] logits, int from, int label) {
        int best = 0;
        int before = 0;
        float own = logits[from + label];
        for (int c = 0; c < classes; c++) {
            float value = logits[from + c];
            if (value > logits[from + best]) {
                best = c;
            }
            // Among equals the first wins. Written so that a logit that is not a number is never
            // right.
            if (c != label && (c < label ? !(value < own) : !(value <= own))) {
                before++;
            }
        }
        double max = logits[from + best];
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(logits[from + c] - max);
        }
        lossSum += max + Math.log(sum) - own;
        correct += before == 0 ? 1 : 0;
        inTop += before < TOP ? 1 : 0;
        labels[seen] = label;
        predictions[seen] = best;
        probabilities[seen] = (float) (1 / sum);
        seen++;
    }

    /**
     * How many samples were evaluated.
     *
     * @return the number
     */
    public int samples() {
        return seen;
    }

    /**
     * The mean cross-entropy of a sample, without label smoothing.
     *
     * @return in nats; not finite if an output was not
     */
    public double loss() {
        return lossSum / seen;
    }

    /**
     * The share of samples whose label has the highest output.
     *
     * @return in [0, 1]
     */
    public double top1() {
        return (double) correct / seen;
    }

    /**
     * The share of samples whose label is among the five highest outputs.
     *
     * @return in [0, 1]; 1 where there are no more than five classes
     */
    public double top5() {
        return (double) inTop / seen;
    }

    /**
     * How many samples were taken for another class.
     *
     * @return the number
     */
    public int wrong() {
        return seen - correct;
    }

    /**
     * The number of classes.
     *
     * @return the width of the output
     */
    public int classes() {
        return classes;
    }

    /**
     * The label of a sample.
     *
     * @param sample its index
     * @return its class
     */
    public int label(int sample) {
        return labels[sample];
    }

    /**
     * What a sample was taken for.
     *
     * @param sample its index
     * @return the class with the highest output, the first among equals
     */
    public int prediction(int sample) {
        return predictions[sample];
    }

    /**
     * How sure the network was of its prediction.
     *
     * @param sample its index
     * @return the softmax of the predicted class, in [0, 1]
     */
    public float probability(int sample) {
        return probabilities[sample];
    }

    /**
     * Counts predictions by label.
     *
     * @return how many samples of class {@code [label]} were taken for class {@code [prediction]}
     */
    public long[][] confusion() {
        long[][] counts = new long[classes][classes];
        for (int i = 0; i < seen; i++) {
            counts[labels[i]][predictions[i]]++;
        }
        return counts;
    }

    /**
     * The samples that were taken for another class.
     *
     * @return their indices, those the network was surest of first
     */
    public int[] mistakes() {
        return IntStream.range(0, seen)
                .filter(i -> predictions[i] != labels[i])
                .boxed()
                .sorted((a, b) -> Float.compare(probabilities[b], probabilities[a]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "loss %.4f, %d of %d wrong (top-1 %.4f)",
                loss(),
                wrong(),
                seen,
                top1());
    }
}
