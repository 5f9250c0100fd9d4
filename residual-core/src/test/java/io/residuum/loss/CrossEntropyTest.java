package io.residuum.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.testing.EachEngine;
import io.residuum.train.Tiny;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CrossEntropyTest {
    private static final int CLASSES = 7;
    private static final int NO = Target.IGNORED;

    /** The results of an engine. */
    private record Found(float sum, float correct, float[] gradient) {}

    @ParameterizedTest
    @CsvSource({"MXNET,0", "MXNET,0.2", "PYTORCH,0", "PYTORCH,0.2"})
    void agreesWithItsDefinition(EngineChoice engine, double smoothing) {
        int[] labels = {3, 0, 6, 6, 2, 1};
        float[] logits = logits(labels.length);
        CrossEntropy entropy = CrossEntropy.ofLabels(labels, CLASSES, smoothing, DataType.FLOAT32);
        for (Shape shape : new Shape[] {new Shape(6, CLASSES), new Shape(2, 3, CLASSES)}) {
            Found found = found(engine, entropy(labels, smoothing), logits, shape);
            assertClose(labels, logits, smoothing, found);
        }
        assertEquals(6, entropy.counted());
    }

    @ParameterizedTest
    @CsvSource({"MXNET,0", "MXNET,0.2", "PYTORCH,0", "PYTORCH,0.2"})
    void ignoredPlacesCountForNothing(EngineChoice engine, double smoothing) {
        int[] labels = {3, NO, 6, NO, NO, 1};
        float[] logits = logits(labels.length);
        Found found = found(engine, entropy(labels, smoothing), logits, new Shape(3, 2, CLASSES));
        assertClose(labels, logits, smoothing, found);
        assertEquals(3, entropy(labels, smoothing).counted());

        Found nothing =
                found(engine, entropy(new int[] {NO}, 0), logits(1), new Shape(1, 1, CLASSES));
        assertEquals(0, Math.abs(nothing.sum()));
        assertEquals(0, nothing.correct());
        assertArrayEquals(new float[CLASSES], nothing.gradient());
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void aLabelIsARowWithAllWeightOnIt(EngineChoice engine) {
        int[] labels = {5, 2, 2};
        float[] rows = new float[3 * CLASSES];
        for (int i = 0; i < 3; i++) {
            rows[i * CLASSES + labels[i]] = 1;
        }
        float[] logits = logits(3);
        Shape shape = new Shape(3, CLASSES);
        Found dense =
                found(
                        engine,
                        CrossEntropy.ofRows(rows, labels, CLASSES, DataType.FLOAT32),
                        logits,
                        shape);
        Found sparse = found(engine, entropy(labels, 0), logits, shape);
        assertEquals(dense.sum(), sparse.sum(), 1e-5f);
        assertEquals(dense.correct(), sparse.correct());
        assertArrayEquals(dense.gradient(), sparse.gradient(), 1e-6f);
    }

    /** An engine would take them for others, or read beyond its memory. */
    @Test
    void labelsThatAreNoClassAreRefused() {
        for (int wrong : new int[] {CLASSES, -2, Integer.MIN_VALUE}) {
            assertThrows(LossException.class, () -> entropy(new int[] {0, wrong}, 0));
        }
    }

    @EachEngine
    void logitsMustHaveARowForEachLabel(EngineChoice engine) {
        LossException e =
                assertThrows(
                        LossException.class,
                        () ->
                                found(
                                        engine,
                                        entropy(new int[] {1, 2}, 0),
                                        logits(3),
                                        new Shape(3, CLASSES)));
        assertTrue(String.valueOf(e.getMessage()).contains("2 labels"), e.getMessage());
    }

    private static CrossEntropy entropy(int[] labels, double smoothing) {
        return CrossEntropy.ofLabels(labels, CLASSES, smoothing, DataType.FLOAT32);
    }

    private static float[] logits(int places) {
        SplittableRandom random = new SplittableRandom(places);
        float[] values = new float[places * CLASSES];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (4 * random.nextDouble() - 2);
        }
        return values;
    }

    private static Found found(
            EngineChoice engine, CrossEntropy entropy, float[] values, Shape shape) {
        Backend backend = Tiny.backend(engine);
        try (NDManager manager = backend.newManager()) {
            NDArray logits = manager.create(values, shape);
            logits.setRequiresGradient(true);
            NDArray sum;
            try (GradientCollector collector = backend.newGradientCollector()) {
                sum = entropy.sum(logits);
                collector.backward(sum);
            }
            float correct = entropy.correct(logits).toFloatArray()[0];
            return new Found(sum.toFloatArray()[0], correct, logits.getGradient().toFloatArray());
        }
    }

    private static void assertClose(int[] labels, float[] logits, double smoothing, Found found) {
        double sum = 0;
        int correct = 0;
        float[] gradient = new float[logits.length];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == NO) {
                continue;
            }
            double all = 0;
            int best = 0;
            for (int c = 0; c < CLASSES; c++) {
                all += Math.exp(logits[i * CLASSES + c]);
                best = logits[i * CLASSES + c] > logits[i * CLASSES + best] ? c : best;
            }
            correct += best == labels[i] ? 1 : 0;
            for (int c = 0; c < CLASSES; c++) {
                double wanted = smoothing / CLASSES + (c == labels[i] ? 1 - smoothing : 0);
                sum += wanted * (Math.log(all) - logits[i * CLASSES + c]);
                gradient[i * CLASSES + c] =
                        (float) (Math.exp(logits[i * CLASSES + c]) / all - wanted);
            }
        }
        assertEquals(sum, found.sum(), 1e-4);
        assertEquals(correct, found.correct());
        assertArrayEquals(gradient, found.gradient(), 1e-5f);
    }
}
