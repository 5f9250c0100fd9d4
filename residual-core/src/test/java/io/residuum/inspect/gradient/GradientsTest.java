package io.residuum.inspect.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.inspect.Batch;
import io.residuum.inspect.Finding;
import io.residuum.inspect.Inspection;
import io.residuum.inspect.InspectionListener;
import io.residuum.inspect.Specs;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.inspect.gradient.Leaves.UnitPart;
import io.residuum.model.Network;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.Layer;
import io.residuum.residual.ResidualBlock;
import io.residuum.spec.ModelSpec;
import io.residuum.testing.Engines;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GradientsTest {
    private static final String IMAGE = "{\"type\": \"image\", \"shape\": [2, 4, 4]}";
    private static final String CONVOLUTION =
            "{\"type\": \"conv2d\", \"name\": \"conv\", \"filters\": %d, \"kernel\": 3,"
                    + " \"padding\": 1}";

    /** Units of every merge and shortcut, between a convolution and a head. */
    private static final ModelSpec UNITS =
            Specs.of(
                    IMAGE,
                    """
                    {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3, "padding": 1},
                    {"type": "residual", "name": "identity", "branch": [%1$s]},
                    {"type": "residual", "name": "preact",
                     "before": {"norm": "batch", "activation": "tanh"}, "branch": [%1$s]},
                    {"type": "residual", "name": "after", "after": {"activation": "tanh"},
                     "branch": [%1$s]},
                    {"type": "residual", "name": "projection", "shortcut": "projection",
                     "branch": [%2$s]},
                    {"type": "residual", "name": "weighted", "branch": [%2$s],
                     "merge": {"type": "add", "shortcut": 0.5, "branch": 2}},
                    {"type": "residual", "name": "highway", "branch": [%2$s],
                     "merge": {"type": "gate", "on": "both"}},
                    {"type": "residual", "name": "gated", "branch": [%2$s],
                     "merge": {"type": "gate", "on": "shortcut"}},
                    {"type": "residual", "name": "dense", "merge": "concat", "branch": [%2$s]},
                    {"type": "residual", "name": "plain", "shortcut": "none", "branch": [%1$s]},
                    {"type": "globalAveragePool"},
                    {"type": "linear", "name": "head", "units": 3}
                    """
                            .formatted(CONVOLUTION.formatted(4), CONVOLUTION.formatted(6)));

    private static Subject subject(Network network, int samples, int batch) {
        return Subject.random(network, samples, batch, 3, InspectionListener.NONE);
    }

    /** Adds a step to what one layer reads, in a forward pass. */
    private record Step(Layer target, NDArray step) implements ForwardHook {
        @Override
        public void before(Layer layer, NDList inputs) {
            if (layer == target) {
                inputs.set(0, inputs.head().add(step));
            }
        }

        @Override
        public void after(Layer layer, NDList outputs) {}
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void partsAreFiniteDifferencesAndAddUp(EngineChoice engine) {
        try (Network network =
                Network.create(UNITS, Engines.backend(engine), 1, DataType.FLOAT64)) {
            Subject subject = subject(network, 2, 2).withBatchStatistics(true);
            List<UnitFlow> flows = UnitFlow.of(subject);
            assertEquals(9, flows.size());
            subject.firstBatch(
                    batch -> {
                        Leaves leaves = Gradients.backward(subject, batch, flows);
                        try (Ops.Pause pause = network.backend().ops().pauseRecording()) {
                            for (int i = 0; i < flows.size(); i++) {
                                check(subject, batch, leaves, i, flows.get(i));
                            }
                        }
                    });
        }
    }

    private static void check(Subject subject, Batch batch, Leaves leaves, int i, UnitFlow flow) {
        ResidualBlock block = flow.unit().block().orElseThrow();
        String name = flow.unit().path();
        NDArray all = leaves.gradient(i, UnitPart.INPUT, batch.manager()).orElseThrow();
        NDArray sum = all.zerosLike();
        for (UnitPart part : List.of(UnitPart.SHORTCUT, UnitPart.BRANCH, UnitPart.GATE)) {
            sum = sum.add(leaves.gradient(i, part, batch.manager()).orElse(all.zerosLike()));
        }
        double error = norm(all.sub(sum)) / norm(all);
        assertTrue(error < 1e-5, name + " differs from the sum of its parts by " + error);
        differences(subject, batch, block, all, name);
        NDArray branch = leaves.gradient(i, UnitPart.BRANCH, batch.manager()).orElseThrow();
        differences(subject, batch, block.branch(), branch, name + " branch");
        if (!name.equals("plain")) {
            NDArray shortcut = leaves.gradient(i, UnitPart.SHORTCUT, batch.manager()).orElseThrow();
            differences(subject, batch, block.shortcut(), shortcut, name + " shortcut");
        }
        assertEquals(
                List.of("identity", "preact").contains(name),
                leaves.stageGradient(i, batch.manager()).isPresent(),
                name);
    }

    /** Compares a gradient with central differences of E in one direction. */
    private static void differences(
            Subject subject, Batch batch, Layer layer, NDArray gradient, String what) {
        SplittableRandom random = new SplittableRandom(5);
        double[] values = random.doubles(gradient.size(), -1, 1).toArray();
        NDArray direction =
                Values.create(batch.manager(), values, gradient.getShape(), gradient.getDataType());
        double h = 1e-5;
        ToDoubleFunction<Double> loss =
                step ->
                        subject.loss(
                                        subject.observe(
                                                batch, new Step(layer, direction.mul(step))),
                                        batch.targets())
                                .toDoubleArray()[0];
        double expected = (loss.applyAsDouble(h) - loss.applyAsDouble(-h)) / (2 * h);
        double found = gradient.mul(direction).sum().toDoubleArray()[0];
        assertEquals(expected, found, 1e-6 + 1e-4 * Math.abs(expected), what);
    }

    private static double norm(NDArray x) {
        return Math.sqrt(DoubleStream.of(x.toDoubleArray()).map(v -> v * v).sum());
    }

    /** In a stack of x + w x, dE/dx grows by 1 + w a unit: 1 direct, the rest through branches. */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void aLinearStackHasTheTermsOfEquation5(EngineChoice engine) {
        int units = 4;
        double w = 0.25;
        ModelSpec spec =
                Specs.of(
                        "{\"type\": \"features\", \"shape\": [3]}",
                        """
                        {"type": "repeat", "name": "units", "times": 4, "layer":
                          {"type": "residual", "branch": [
                            {"type": "linear", "name": "map", "units": 3, "bias": false}]}},
                        {"type": "linear", "name": "head", "units": 2}
                        """);
        try (Network network = Network.create(spec, Engines.backend(engine), 1)) {
            float[] scaled = {(float) w, 0, 0, 0, (float) w, 0, 0, 0, (float) w};
            network.parameters("units.*")
                    .keySet()
                    .forEach(path -> network.loadValues(Map.of(path, () -> scaled)));
            Table found = run(network, 6, 4).table("units");
            double[] total = found.numbers("dE/dx");
            double direct = total[units - 1] / (1 + w);
            for (int i = 0; i < units; i++) {
                double growth = Math.pow(1 + w, units - i);
                assertEquals(direct * growth, total[i], 1e-5 * total[i]);
                assertEquals(direct, found.numbers("direct term")[i], 1e-5 * direct);
                assertEquals(
                        direct * (growth - 1),
                        found.numbers("sum over branches")[i],
                        1e-5 * total[i]);
                assertEquals(
                        direct * growth / (1 + w) * w,
                        found.numbers("through branch")[i],
                        1e-5 * total[i]);
            }
        }
    }

    private static Finding run(Network network, int samples, int batch) {
        return Inspection.run(subject(network, samples, batch), List.of(new Gradients()))
                .findings()
                .get(0);
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void earlierGradientsDoNotCount(EngineChoice engine) {
        try (Network network = Network.create(UNITS, Engines.backend(engine), 1)) {
            Finding once = run(network, 4, 4);
            Finding again = run(network, 4, 4);
            assertEquals(once.tables(), again.tables());
            for (var parameter : network.parameters().values()) {
                try (NDArray gradient = parameter.getArray().getGradient()) {
                    assertEquals(0, gradient.abs().sum().toFloatArray()[0]);
                }
            }
        }
    }

    /** Gradients of 1e-30 have squares that float32 cannot hold. */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void vanishingGradientsHaveANorm(EngineChoice engine) {
        try (NDManager manager = Engines.backend(engine).newManager()) {
            List<Double> found = new ArrayList<>();
            for (float[] values : List.of(new float[] {3e-30f, -4e-30f}, new float[] {0, 0})) {
                NDArray x = manager.create(values);
                Magnitude magnitude = Magnitude.of(x, Engines.backend(engine).ops());
                found.add(magnitude.norm());
                found.add(magnitude.absolutes());
            }
            assertEquals(5e-30, found.get(0), 1e-35);
            assertEquals(7e-30, found.get(1), 1e-35);
            assertEquals(0, found.get(2));
        }
    }

    /** Token ids have no gradient; a network without blocks has no shortcuts. */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void networksWithoutBlocksHaveOneGradientPerLayer(EngineChoice engine) {
        ModelSpec spec =
                Specs.of(
                        "{\"type\": \"tokens\", \"length\": 5, \"vocabulary\": 7}",
                        """
                        {"type": "embedding", "name": "embedding", "vocabulary": 7, "width": 4},
                        {"type": "linear", "name": "hidden", "units": 4},
                        {"type": "activation", "name": "relu"},
                        {"type": "linear", "name": "head", "units": 7}
                        """);
        try (Network network = Network.create(spec, Engines.backend(engine), 1)) {
            Finding found = run(network, 4, 2);
            double[] total = found.table("units").numbers("dE/dx");
            assertEquals(4, total.length);
            assertTrue(Double.isNaN(total[0]) && total[3] > 0, "ids have no gradient");
            assertEquals(5, found.table("weights").rows().size());
            assertEquals(2, found.figures().size(), "no terms without shortcuts");
            assertFalse(found.table("units").columns().contains("direct term"));
        }
    }
}
