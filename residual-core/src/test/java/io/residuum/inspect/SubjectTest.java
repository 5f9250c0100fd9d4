package io.residuum.inspect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.inspect.gradient.Gradients;
import io.residuum.loss.Target;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SubjectTest {

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void runningStatisticsBecomeThoseOfABatch(EngineChoice engine) {
        int samples = 10;
        int width = 3;
        try (Network network =
                Network.create(
                        Specs.of(
                                "{\"type\": \"features\", \"shape\": [3]}",
                                "{\"type\": \"norm\", \"name\": \"norm\"}"),
                        Engines.backend(engine),
                        1)) {
            Subject subject =
                    Subject.random(network, samples, samples, 2, InspectionListener.NONE)
                            .withBatchStatistics(true);
            subject.firstBatch(
                    batch -> {
                        subject.withStatisticsOf(batch);
                        float[] x = batch.inputs().head().toFloatArray();
                        float[] mean = new float[width];
                        float[] variance = new float[width];
                        for (int i = 0; i < x.length; i++) {
                            mean[i % width] += x[i] / samples;
                        }
                        for (int i = 0; i < x.length; i++) {
                            double d = x[i] - mean[i % width];
                            variance[i % width] += (float) (d * d / (samples - 1));
                        }
                        assertArrayEquals(mean, buffer(network, "norm.running_mean"), 1e-5f);
                        assertArrayEquals(variance, buffer(network, "norm.running_var"), 1e-5f);
                    });
        }
    }

    @Test
    void anOutputOfOneNumberHasNumbersAsTargets() {
        try (Network network =
                Network.create(
                        Specs.of(
                                "{\"type\": \"features\", \"shape\": [3]}",
                                "{\"type\": \"linear\", \"name\": \"output\", \"units\": 1}"),
                        Engines.backend(EngineChoice.PYTORCH),
                        1)) {
            Subject subject = Subject.random(network, 5, 5, 2, InspectionListener.NONE);
            subject.firstBatch(
                    batch ->
                            assertEquals(
                                    new Shape(5, 1),
                                    ((Target.Numbers) batch.targets().values().iterator().next())
                                            .shape()));
            Table weights =
                    Inspection.run(subject, List.of(new Gradients()))
                            .finding("gradients")
                            .table("weights");
            assertTrue(weights.numbers("dE/dw")[0] > 0.01, "" + weights);
            assertTrue(Double.isNaN(weights.numbers("dE/dw / w")[1]), "a bias of zeros");
        }
    }

    private static float[] buffer(Network network, String path) {
        return network.state().get(path).getArray().toFloatArray();
    }
}
