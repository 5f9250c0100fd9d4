package io.residuum.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.loss.Target;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Compares with scikit-learn 1.9.1 and scikit-image 0.26.0 on the same numbers. */
class MetricsTest {
    private static final double EXACT = 1e-7;

    /** A linear congruential generator that is easy to repeat in Python. */
    private static final class Numbers {
        private long x;

        Numbers(long seed) {
            x = seed;
        }

        double next() {
            x = (x * 1_103_515_245 + 12_345) % 2_147_483_648L;
            return (x >> 8) / 8_388_608.0;
        }

        /** Numbers with one digit after the point, so that many are equal. */
        float[] coarse(int count, double scale) {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = (float) (Math.rint((next() - 0.5) * scale * 10) / 10);
            }
            return values;
        }

        int[] classes(int count, int classes) {
            int[] labels = new int[count];
            Arrays.setAll(labels, i -> (int) (next() * classes));
            return labels;
        }
    }

    private static Map<String, Double> values(
            OutputKind kind, MetricBatch batch, List<MetricSpec> specs) {
        OutputMetrics metrics =
                OutputMetrics.of(new MeasuredOutput(kind, batch.shape(), List.of()), specs, true);
        metrics.add(batch);
        return metrics.values();
    }

    @Test
    void measuresClasses() {
        Numbers numbers = new Numbers(1);
        float[] logits = numbers.coarse(240, 6);
        int[] labels = numbers.classes(60, 4);
        for (int i = 0; i < 60; i++) {
            logits[4 * i + labels[i]] += 1;
        }
        MetricBatch batch = new MetricBatch(logits, new Shape(60, 4), new Target.Classes(labels));
        Map<String, Double> found =
                values(
                        OutputKind.CLASSES,
                        batch,
                        List.of(
                                new Accuracy(1),
                                new Accuracy(2),
                                new PrecisionRecall(false),
                                new RocAuc(true),
                                new AveragePrecision(false)));
        assertEquals(0.48333333333, found.get("accuracy"), EXACT);
        assertEquals(0.75, found.get("top-2 accuracy"), EXACT);
        assertEquals(0.49563492063, found.get("precision"), EXACT);
        assertEquals(0.47240259740, found.get("recall"), EXACT);
        assertEquals(0.47161267851, found.get("F1"), EXACT);
        assertEquals(0.72112160219, found.get("ROC AUC"), EXACT);
        assertEquals(0.83074534161, found.get("ROC AUC of 2"), EXACT);
        assertEquals(0.52995519574, found.get("average precision"), EXACT);
    }

    @Test
    void measuresLabelsWithEqualScores() {
        Numbers numbers = new Numbers(2);
        float[] logits = numbers.coarse(150, 2);
        float[] targets = new float[150];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = numbers.next() < 0.4 ? 1 : 0;
            logits[i] += targets[i] / 2;
        }
        Shape shape = new Shape(50, 3);
        OutputMetrics metrics =
                OutputMetrics.of(
                        new MeasuredOutput(OutputKind.LABELS, shape, List.of()), List.of(), false);
        // In two batches, with a row of unknown labels between them.
        float[] unknown = {Float.NaN, Float.NaN, Float.NaN};
        metrics.add(labels(Arrays.copyOf(logits, 60), Arrays.copyOf(targets, 60)));
        metrics.add(labels(new float[] {9, 9, 9}, unknown));
        metrics.add(
                labels(Arrays.copyOfRange(logits, 60, 150), Arrays.copyOfRange(targets, 60, 150)));
        Map<String, Double> found = metrics.values();
        assertEquals(0.6, found.get("accuracy"), EXACT);
        assertEquals(0.51875, found.get("precision"), EXACT);
        assertEquals(0.70370370370, found.get("recall"), EXACT);
        assertEquals(0.58672802578, found.get("F1"), EXACT);
        assertEquals(0.72004994527, found.get("ROC AUC"), EXACT);
        assertEquals(0.68517688727, found.get("average precision"), EXACT);
    }

    private static MetricBatch labels(float[] logits, float[] targets) {
        Shape shape = new Shape(logits.length / 3, 3);
        return new MetricBatch(logits, shape, new Target.Numbers(targets, shape));
    }

    @Test
    void measuresNumbers() {
        Numbers numbers = new Numbers(3);
        float[] targets = new float[80];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = (float) (100 + 10 * numbers.next());
        }
        float[] outputs = numbers.coarse(80, 4);
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] += targets[i];
        }
        Shape shape = new Shape(40, 2);
        Map<String, Double> found =
                values(
                        OutputKind.NUMBERS,
                        new MetricBatch(outputs, shape, new Target.Numbers(targets, shape)),
                        List.of());
        assertEquals(List.of("RMSE", "MAE", "R2"), List.copyOf(found.keySet()));
        assertEquals(1.06887821076, found.get("RMSE"), EXACT);
        assertEquals(0.89250001907, found.get("MAE"), EXACT);
        assertEquals(0.86412922364, found.get("R2"), EXACT);
    }

    @Test
    void measuresImages() {
        Numbers numbers = new Numbers(5);
        Shape shape = new Shape(2, 3, 16, 14);
        float[] targets = new float[(int) shape.size()];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = (float) numbers.next();
        }
        float[] outputs = numbers.coarse(targets.length, 0.4);
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] += targets[i] * 0.8f;
        }
        Map<String, Double> found =
                values(
                        OutputKind.NUMBERS,
                        new MetricBatch(outputs, shape, new Target.Numbers(targets, shape)),
                        List.of());
        assertEquals(15.60543658, found.get("PSNR"), 1e-6);
        assertEquals(0.84588260134, found.get("SSIM"), 1e-6);
    }

    @Test
    void measuresSegmentationByTheSecondAxis() {
        Numbers numbers = new Numbers(4);
        int[] labels = numbers.classes(40, 3);
        labels[3] = Target.IGNORED;
        labels[17] = Target.IGNORED;
        Map<String, Double> found =
                values(
                        OutputKind.CLASSES,
                        new MetricBatch(
                                numbers.coarse(120, 4),
                                new Shape(2, 3, 4, 5),
                                new Target.Classes(labels)),
                        List.of(new Accuracy(1), new MeanIou(true)));
        assertEquals(0.34210526316, found.get("accuracy"), EXACT);
        assertEquals(0.18412698413, found.get("mean IoU"), EXACT);
        assertEquals(0.2, found.get("IoU of 1"), EXACT);
    }

    @Test
    void leavesOutClassesThatDoNotOccur() {
        float[] logits = {2, 0, 0, 0, 2, 0};
        Map<String, Double> found =
                values(
                        OutputKind.CLASSES,
                        new MetricBatch(
                                logits, new Shape(2, 3), new Target.Classes(new int[] {0, 1})),
                        List.of(new PrecisionRecall(true), new RocAuc(false)));
        assertEquals(1, found.get("F1"));
        assertFalse(found.containsKey("F1 of 2"));
        assertEquals(1, found.get("ROC AUC"));
    }

    @Test
    void nanIsNeverCorrect() {
        float nan = Float.NaN;
        Map<String, Double> found =
                values(
                        OutputKind.CLASSES,
                        new MetricBatch(
                                new float[] {nan, nan},
                                new Shape(1, 2),
                                new Target.Classes(new int[] {0})),
                        List.of(new Accuracy(1), new RocAuc(false)));
        assertEquals(0, found.get("accuracy"));
        assertTrue(found.get("ROC AUC").isNaN());
    }

    @Test
    void namesTheMetricThatFits() {
        Shape shape = new Shape(1, 2);
        MeasuredOutput classes = new MeasuredOutput(OutputKind.CLASSES, shape, List.of("a", "b"));
        MeasuredOutput numbers = new MeasuredOutput(OutputKind.NUMBERS, shape, List.of());
        assertMessage("choose a metric of classes", () -> new Rmse().of(classes));
        assertMessage("choose a metric of numbers", () -> new MeanIou(false).of(numbers));
        assertMessage("use psnr", () -> new Ssim(1).of(numbers));
        assertMessage(
                "needs a name for each, got 1",
                () -> new MeasuredOutput(OutputKind.CLASSES, shape, List.of("a")));
    }

    @Test
    void countsAreNotAskedForTooLate() {
        MetricBatch batch =
                new MetricBatch(
                        new float[] {1, 2}, new Shape(1, 2), new Target.Classes(new int[] {1}));
        MeasuredOutput output = new MeasuredOutput(OutputKind.CLASSES, batch.shape(), List.of());
        OutputMetrics.of(output, List.of(new RocAuc(false)), false).add(batch);
        assertMessage("before the first batch", output::counts);
    }

    private static void assertMessage(String part, Runnable call) {
        MetricException e = assertThrows(MetricException.class, call::run);
        assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }
}
