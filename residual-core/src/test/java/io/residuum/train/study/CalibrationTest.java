package io.residuum.train.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.EvaluationSet;
import io.residuum.train.Tiny;
import io.residuum.train.TrainingException;
import io.residuum.train.samples.Sample;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.SampleTask;
import io.residuum.train.samples.Samples;
import io.residuum.train.samples.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CalibrationTest {

    /** Labels are drawn from softmax(z), and the network says 3 z. */
    @Test
    void aNetworkThatIsThreeTimesTooSureHasTemperatureThree() {
        SplittableRandom random = new SplittableRandom(1);
        List<float[]> logits = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (int n = 0; n < 20_000; n++) {
            double[] z = {random.nextDouble(-2, 2), random.nextDouble(-2, 2), 0};
            double sum = Math.exp(z[0]) + Math.exp(z[1]) + 1;
            double u = random.nextDouble() * sum - Math.exp(z[0]);
            labels.add(u < 0 ? 0 : u < Math.exp(z[1]) ? 1 : 2);
            logits.add(new float[] {(float) (3 * z[0]), (float) (3 * z[1]), 0});
        }
        Calibration found = Calibration.of(logits, labels);
        assertEquals(3, found.temperature(), 0.1);
        assertTrue(found.before().error() > 0.1, "before " + found.before());
        assertTrue(found.after().error() < 0.02, "after " + found.after());
        assertTrue(found.after().loss() < found.before().loss());
        String svg = found.svg();
        assertTrue(svg.contains("perfect") && svg.startsWith("<svg"), svg);
    }

    /**
     * Five predictions with probability 0.75 of which three are right, one of 0.5 that is right.
     */
    @Test
    void theErrorIsTheWeightedGap() {
        float sure = (float) Math.log(3);
        List<float[]> logits =
                List.of(
                        new float[] {sure, 0},
                        new float[] {sure, 0},
                        new float[] {sure, 0},
                        new float[] {0, sure},
                        new float[] {0, sure},
                        new float[] {0, 0});
        Calibration.Quality q = Calibration.of(logits, List.of(0, 0, 1, 1, 0, 0)).before();
        assertEquals(2, q.bins().size());
        assertEquals(0.5, q.bins().get(0).confidence(), 1e-7);
        assertEquals(1, q.bins().get(0).accuracy());
        assertEquals(5, q.bins().get(1).samples());
        assertEquals(0.6, q.bins().get(1).accuracy());
        assertEquals((5 * 0.15 + 0.5) / 6, q.error(), 1e-7);
        double loss = (-3 * Math.log(0.75) - 2 * Math.log(0.25) - Math.log(0.5)) / 6;
        assertEquals(loss, q.loss(), 1e-7);
    }

    @Test
    void aNetworkWithoutMistakesHasNoTemperature() {
        List<float[]> logits = List.of(new float[] {1, 0}, new float[] {0, 2});
        TrainingException e =
                assertThrows(TrainingException.class, () -> Calibration.of(logits, List.of(0, 1)));
        assertTrue(e.getMessage().contains("temperature must be in"), e.getMessage());
    }

    @Test
    void theLastLayerIsDivided() {
        float[] x = {0.3f, -1, 2};
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(EngineChoice.MXNET), 1)) {
            float[] before = predict(network, x);
            TemperatureScaling.apply(network, 2);
            TemperatureScaling.apply(network, 4);
            float[] after = predict(network, x);
            for (int i = 0; i < after.length; i++) {
                after[i] *= 8;
            }
            assertArrayEquals(before, after, 1e-6f);
            assertEquals(
                    "8.0", network.metadata().entry(TemperatureScaling.TEMPERATURE).orElseThrow());
        }
    }

    @Test
    void oneTemperatureIsForOneOutput() {
        ModelSpec spec =
                SpecJson.standard()
                        .parse(
                                """
                                {"format": "residuum/1", "name": "two", "input": {"type": "features", "shape": [2]},
                                 "network": {"type": "graph", "outputs": ["a", "b"], "layers": [
                                   {"type": "linear", "name": "a", "from": "input", "units": 2},
                                   {"type": "linear", "name": "b", "from": "input", "units": 2}]}}
                                """,
                                "two",
                                ModelSpec.class);
        Sample sample =
                new Sample(
                        Map.of("input", Tensor.numbers(1, 2)),
                        Map.of("a", Tensor.label(0), "b", Tensor.label(1)));
        SampleTask task =
                SampleTask.on(SampleSplits.toEvaluate("two", Samples.of(List.of(sample, sample))));
        EvaluationSet data = task.test().orElseThrow();
        try (Network network = Network.create(spec, Tiny.backend(EngineChoice.MXNET), 1)) {
            SpecException e =
                    assertThrows(SpecException.class, () -> Calibration.of(network, data, 2));
            assertTrue(String.valueOf(e.getMessage()).contains("targets of one output"));
        }
    }

    private static float[] predict(Network network, float[] x) {
        try (NDManager manager = network.backend().newManager()) {
            return network.predict(new NDList(manager.create(x, new Shape(1, 3)))).toFloatArray();
        }
    }
}
