package io.residuum.metric;

import ai.djl.ndarray.types.Shape;
import io.residuum.loss.Target;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** The predictions of a classifier on a data set, in the order of the samples. */
public final class Evaluation {
    private static final int TOP = 5;

    private final int classes;
    private int[] labels;
    private int[] predictions;
    private float[] probabilities;
    private double lossSum;
    private int correct;
    private int inTop;
    private int counted;
    private int seen;

    /**
     * Creates an evaluation without samples.
     *
     * @param samples the number of samples to come; more may follow
     * @param classes the number of outputs
     */
    public Evaluation(int samples, int classes) {
        this.classes = classes;
        labels = new int[samples];
        predictions = new int[samples];
        probabilities = new float[samples];
    }

    /**
     * Adds the outputs of the next samples.
     *
     * @param logits {@code (n, classes)}, row by row
     * @param labelsOfBatch {@code (n)}; {@link Target#IGNORED} for samples that do not count
     */
    public void add(float[] logits, int[] labelsOfBatch) {
        add(
                new MetricBatch(
                        logits,
                        new Shape(labelsOfBatch.length, classes),
                        new Target.Classes(labelsOfBatch)));
    }

    /**
     * Adds the outputs of the next samples.
     *
     * @param batch the outputs and their classes
     */
    public void add(MetricBatch batch) {
        int size = Math.max(labels.length, seen + batch.samples());
        if (size > labels.length) {
            size = Math.max(size, 2 * labels.length);
            labels = Arrays.copyOf(labels, size);
            predictions = Arrays.copyOf(predictions, size);
            probabilities = Arrays.copyOf(probabilities, size);
        }
        for (int i = 0; i < batch.samples(); i++) {
            add(batch, i, batch.labels()[i]);
        }
    }

    private void add(MetricBatch batch, int row, int label) {
        int best = batch.best(row);
        double max = batch.value(row, best);
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(batch.value(row, c) - max);
        }
        if (label != Target.IGNORED) {
            int before = batch.rank(row, label);
            lossSum += max + Math.log(sum) - batch.value(row, label);
            correct += before == 0 ? 1 : 0;
            inTop += before < TOP ? 1 : 0;
            counted++;
        }
        labels[seen] = label;
        predictions[seen] = best;
        probabilities[seen] = (float) (1 / sum);
        seen++;
    }

    /** {@return the number of samples added} */
    public int samples() {
        return seen;
    }

    /**
     * {@return the mean cross-entropy per sample in nats, without label smoothing; not finite if an
     * output was not}
     */
    public double loss() {
        return lossSum / counted;
    }

    /** {@return the share of samples whose label has the highest output, in [0, 1]} */
    public double top1() {
        return (double) correct / counted;
    }

    /**
     * {@return the share of samples whose label is among the five highest outputs, in [0, 1]; empty
     * for up to five classes, where it says nothing}
     */
    public OptionalDouble top5() {
        return classes > TOP ? OptionalDouble.of((double) inTop / counted) : OptionalDouble.empty();
    }

    /** {@return the number of misclassified samples} */
    public int wrong() {
        return counted - correct;
    }

    /** {@return the number of classes} */
    public int classes() {
        return classes;
    }

    /**
     * {@return the label of a sample, {@link Target#IGNORED} for none}
     *
     * @param sample the index of the sample
     */
    public int label(int sample) {
        return labels[sample];
    }

    /**
     * {@return the class with the highest output, the first among equals}
     *
     * @param sample the index of the sample
     */
    public int prediction(int sample) {
        return predictions[sample];
    }

    /**
     * {@return the softmax of the predicted class, in [0, 1]}
     *
     * @param sample the index of the sample
     */
    public float probability(int sample) {
        return probabilities[sample];
    }

    /** {@return the confusion matrix: the number of samples by {@code [label][prediction]}} */
    public long[][] confusion() {
        long[][] counts = new long[classes][classes];
        for (int i = 0; i < seen; i++) {
            if (labels[i] != Target.IGNORED) {
                counts[labels[i]][predictions[i]]++;
            }
        }
        return counts;
    }

    /** {@return the indices of the misclassified samples, the most confident predictions first} */
    public int[] mistakes() {
        return IntStream.range(0, seen)
                .filter(i -> labels[i] != Target.IGNORED && predictions[i] != labels[i])
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
                counted,
                top1());
    }
}
