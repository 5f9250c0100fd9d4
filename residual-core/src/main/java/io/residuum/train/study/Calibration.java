package io.residuum.train.study;

import io.residuum.draw.SvgChart;
import io.residuum.loss.Target;
import io.residuum.metric.MetricBatch;
import io.residuum.metric.OutputKind;
import io.residuum.model.Network;
import io.residuum.spec.Check;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.EvaluationSet;
import io.residuum.train.TrainingException;
import io.residuum.train.predictions.PredictionListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Temperature scaling of a classifier (Guo et al. 2017, arXiv:1706.04599): the number that divides
 * all logits so that the cross-entropy on held-out samples is least. It changes no prediction, only
 * how sure the network is.
 *
 * @param temperature the divisor, above 1 for a network that was too sure
 * @param before the quality of the network's probabilities
 * @param after the quality of the scaled ones, on the same samples
 */
public record Calibration(double temperature, Quality before, Quality after) {
    private static final double LEAST = 0.01;
    private static final double MOST = 100;
    private static final double PRECISION = 1e-7;
    private static final int ITERATIONS = 100;
    private static final int BINS = 15;

    /**
     * The quality of probabilities.
     *
     * @param loss the mean cross-entropy in nats
     * @param error the expected calibration error: the mean distance of accuracy and confidence
     *     over 15 bins of equal width, weighted by their samples
     * @param bins the bins that have samples, by rising confidence
     */
    public record Quality(double loss, double error, List<Bin> bins) {
        public Quality {
            bins = List.copyOf(bins);
        }
    }

    /**
     * Predictions of similar confidence.
     *
     * @param samples their number
     * @param confidence the mean probability of the predicted class
     * @param accuracy the share that is right
     */
    public record Bin(int samples, double confidence, double accuracy) {}

    /**
     * Finds the temperature of a network. Samples without a class do not count.
     *
     * @param network a network with one output of classes
     * @param data samples with classes, on which it was not trained
     * @param batch the number of samples in a forward pass, positive
     * @throws io.residuum.spec.SpecException if the targets are not those of one output of classes
     * @throws TrainingException if no temperature is best
     */
    public static Calibration of(Network network, EvaluationSet data, int batch) {
        List<float[]> logits = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        PredictionListener collector =
                (samples, outputs) -> {
                    Check.that(
                            outputs.size() == 1,
                            "calibration needs targets of one output, got those of %s",
                            outputs.keySet());
                    collect(outputs.values().iterator().next(), logits, labels);
                };
        data.evaluate(network, EvaluationOptions.of(batch).withPredictions(collector));
        return of(logits, labels);
    }

    private static void collect(
            PredictionListener.Predicted predicted, List<float[]> logits, List<Integer> labels) {
        MetricBatch batch = predicted.batch();
        OutputKind kind = predicted.output().kind();
        Check.that(
                kind == OutputKind.CLASSES && batch.columns().positions() == batch.samples(),
                "calibration needs one class for each sample, got %s of the shape %s",
                kind,
                batch.shape());
        int classes = batch.columns().count();
        for (int i = 0; i < batch.samples(); i++) {
            if (batch.labels()[i] != Target.IGNORED) {
                logits.add(Arrays.copyOfRange(batch.output(), i * classes, (i + 1) * classes));
                labels.add(batch.labels()[i]);
            }
        }
    }

    /**
     * Finds the temperature.
     *
     * @param logits the outputs {@code (N, classes)}, one row per sample
     * @param labels one class per sample
     * @throws io.residuum.spec.SpecException if the numbers of rows and labels differ
     * @throws TrainingException if no temperature from 0.01 to 100 is best, as for a network
     *     without mistakes or no samples
     */
    public static Calibration of(List<float[]> logits, List<Integer> labels) {
        Check.that(
                logits.size() == labels.size(),
                "calibration needs a label for each sample, got %s and %s",
                labels.size(),
                logits.size());
        if (logits.isEmpty()) {
            throw new TrainingException(
                    "calibration needs samples with a class, found none: use more samples");
        }
        // The loss is convex in the inverse temperature: Newton's method between two bounds.
        double low = 1 / MOST;
        double high = 1 / LEAST;
        double inverse = 1;
        for (int i = 0; i < ITERATIONS; i++) {
            double slope = 0;
            double curvature = 0;
            for (int n = 0; n < logits.size(); n++) {
                float[] row = logits.get(n);
                double[] p = softmax(row, inverse);
                double mean = 0;
                double squares = 0;
                for (int c = 0; c < p.length; c++) {
                    mean += p[c] * row[c];
                    squares += p[c] * row[c] * row[c];
                }
                slope += mean - row[labels.get(n)];
                curvature += squares - mean * mean;
            }
            if (slope > 0) {
                high = inverse;
            } else {
                low = inverse;
            }
            double next = inverse - slope / curvature;
            next = next > low && next < high ? next : Math.sqrt(low * high);
            double change = Math.abs(next - inverse) / inverse;
            inverse = next;
            if (change < PRECISION) {
                break;
            }
        }
        if (inverse <= 1.001 / MOST || inverse >= 0.999 / LEAST) {
            throw new TrainingException(
                    "the best temperature must be in [%s, %s], but the loss on %s samples still falls at %s: use more samples, most of them classified rightly and some not"
                            .formatted(LEAST, MOST, logits.size(), 1 / inverse));
        }
        return new Calibration(
                1 / inverse, quality(logits, labels, 1), quality(logits, labels, inverse));
    }

    private static double[] softmax(float[] row, double inverse) {
        double max = Double.NEGATIVE_INFINITY;
        for (float z : row) {
            max = Math.max(max, z);
        }
        double[] p = new double[row.length];
        double sum = 0;
        for (int c = 0; c < p.length; c++) {
            p[c] = Math.exp((row[c] - max) * inverse);
            sum += p[c];
        }
        for (int c = 0; c < p.length; c++) {
            p[c] /= sum;
        }
        return p;
    }

    private static Quality quality(List<float[]> logits, List<Integer> labels, double inverse) {
        int[] samples = new int[BINS];
        int[] right = new int[BINS];
        double[] confidence = new double[BINS];
        double loss = 0;
        for (int n = 0; n < logits.size(); n++) {
            double[] p = softmax(logits.get(n), inverse);
            int best = 0;
            for (int c = 1; c < p.length; c++) {
                best = p[c] > p[best] ? c : best;
            }
            int bin = (int) Math.min(BINS - 1, p[best] * BINS);
            samples[bin]++;
            right[bin] += best == labels.get(n) ? 1 : 0;
            confidence[bin] += p[best];
            loss -= Math.log(Math.max(p[labels.get(n)], Double.MIN_NORMAL));
        }
        List<Bin> bins = new ArrayList<>();
        double error = 0;
        for (int b = 0; b < BINS; b++) {
            if (samples[b] > 0) {
                bins.add(
                        new Bin(
                                samples[b],
                                confidence[b] / samples[b],
                                (double) right[b] / samples[b]));
                error += Math.abs(right[b] - confidence[b]) / logits.size();
            }
        }
        return new Quality(loss / logits.size(), error, bins);
    }

    /**
     * {@return the reliability diagram as an SVG file: accuracy over confidence in percent, which
     * is the diagonal for perfect probabilities}
     */
    public String svg() {
        double[] ends = {0, 100};
        return new SvgChart("Accuracy", "confidence in percent")
                .series("perfect", SvgChart.Style.FAINT, ends, ends)
                .series(
                        "before",
                        SvgChart.Style.SECOND,
                        percent(before, Bin::confidence),
                        percent(before, Bin::accuracy))
                .series(
                        "after",
                        SvgChart.Style.MAIN,
                        percent(after, Bin::confidence),
                        percent(after, Bin::accuracy))
                .unit("%")
                .fromZero()
                .standalone()
                .draw()
                .toString();
    }

    private static double[] percent(Quality quality, ToDoubleFunction<Bin> part) {
        return quality.bins.stream().mapToDouble(b -> 100 * part.applyAsDouble(b)).toArray();
    }
}
