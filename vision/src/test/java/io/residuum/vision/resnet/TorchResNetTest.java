package io.residuum.vision.resnet;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.emit.torch.TorchRuns;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.graph.Graph;
import io.residuum.graph.rewrite.ChannelsLast;
import io.residuum.graph.rewrite.FoldBatchNorm;
import io.residuum.graph.rewrite.MixedPrecision;
import io.residuum.graph.trace.Capture;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Residual networks compiled by PyTorch compute what they compute uncompiled. */
@ExtendWith(Seeds.class)
class TorchResNetTest {
    private static final String RESNET_20 = "'depth': 20, 'shortcut': 'A'";

    private static final String BOTTLENECKS =
            "'depth': 11, 'unit': {'kind': 'bottleneck', 'squeezeExcitation': 4}";

    private static final String PRE_ACTIVATED = "'depth': 8, 'unit': {'order': 'pre-activation'}";

    private static final Shape INPUT = new Shape(-1, 3, 32, 32);

    private final Backend backend = Engines.backend(EngineChoice.PYTORCH);

    private static ModelSpec spec(String settings) {
        String json = "{'type': 'resnet', 'stem': 'cifar', 'classes': 10, " + settings + "}";
        LayerSpec layer =
                SpecJson.standard().parse(json.replace('\'', '"'), "resnet", LayerSpec.class);
        InputSpec input = new InputSpec.Image(List.of(3, 32, 32), List.of(), List.of());
        return new ModelSpec("resnet", input, layer);
    }

    private Network network(String settings) {
        return Nets.shaken(spec(settings), backend, DataType.FLOAT32);
    }

    private static List<Capture.Source> source() {
        return List.of(new Capture.Source(Capture.DATA, INPUT, DataType.FLOAT32));
    }

    private static NDList images(NDManager manager, int batch) {
        return new NDList(Tensors.random(manager, Seeds.SEED + batch, batch, 3, 32, 32));
    }

    private static Graph low(Graph graph) {
        return new ChannelsLast().apply(new MixedPrecision(DataType.BFLOAT16).apply(graph));
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {RESNET_20, BOTTLENECKS, PRE_ACTIVATED})
    void evaluatesAnyBatchByOneProgram(String settings) {
        try (Network network = network(settings);
                NDManager manager = backend.newManager();
                TorchRuns runs = TorchRuns.staged(network, source(), UnaryOperator.identity());
                TorchRuns folded =
                        TorchRuns.staged(network, source(), new FoldBatchNorm()::apply)) {
            for (int batch : new int[] {1, 3}) {
                NDList x = images(manager, batch);
                double[] expected = Tensors.values(network.predict(x));
                assertClose(expected, Tensors.values(runs.run(x)), 1e-5, "batch " + batch);
                assertClose(expected, Tensors.values(folded.run(x)), 1e-4, "folded");
            }
        }
    }

    /**
     * With fresh weights: drawn ones make numbers grow from layer to layer, and errors with them.
     */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {RESNET_20, BOTTLENECKS, PRE_ACTIVATED})
    void lowPrecisionComesClose(String settings) {
        try (Network network = Network.create(spec(settings), backend, Seeds.SEED);
                NDManager manager = backend.newManager();
                TorchRuns low = TorchRuns.staged(network, source(), TorchResNetTest::low)) {
            NDList x = images(manager, 3);
            double[] expected = Tensors.values(network.predict(x));
            double unit = Tensors.largest(expected);
            assertClose(
                    Arrays.stream(expected).map(v -> v / unit).toArray(),
                    Arrays.stream(Tensors.values(low.run(x))).map(v -> v / unit).toArray(),
                    3e-2,
                    "bfloat16");
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {RESNET_20, BOTTLENECKS, PRE_ACTIVATED})
    void trainsAsTheNetworkDoes(String settings) {
        try (Network network = network(settings);
                Network copy = network(settings);
                NDManager manager = backend.newManager();
                TorchRuns plain = runs(network, UnaryOperator.identity());
                TorchRuns compiled = runs(copy, UnaryOperator.identity());
                TorchRuns low = runs(copy, TorchResNetTest::low)) {
            NDList x = images(manager, 3);
            Map<String, double[]> expected = plain.trained(x, false);
            Map<String, double[]> actual = compiled.trained(x, true);
            assertEquals(expected.keySet(), actual.keySet());
            expected.forEach((what, v) -> assertClose(v, actual.get(what), 1e-4, what));
            low.trained(x, true)
                    .forEach(
                            (what, v) ->
                                    assertTrue(
                                            Tensors.largest(v) > 0 || !what.contains("gradient"),
                                            what));
        }
    }

    private static TorchRuns runs(Network network, UnaryOperator<Graph> passes) {
        return TorchRuns.of(network, source(), true, passes);
    }
}
