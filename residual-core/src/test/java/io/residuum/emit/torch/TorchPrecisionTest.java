package io.residuum.emit.torch;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.rewrite.ChannelsLast;
import io.residuum.graph.rewrite.MixedPrecision;
import io.residuum.model.BlockCase;
import io.residuum.model.BlockCases;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks in 16 bits, images with channels last. */
@ExtendWith(Seeds.class)
class TorchPrecisionTest {
    /** As close as bfloat16, with 8 bits, comes in a few layers, of the largest number. */
    private static final double LOW = 3e-2;

    private final Backend backend = Engines.backend(EngineChoice.PYTORCH);

    static List<BlockCase> cases() {
        return BlockCases.all().stream()
                .filter(c -> !c.layer().toString().contains("KEPT_SAMPLES"))
                .toList();
    }

    private static Graph lowered(Graph graph) {
        return new ChannelsLast().apply(new MixedPrecision(DataType.BFLOAT16).apply(graph));
    }

    private static NDArray input(NDManager manager, BlockCase c) {
        return Tensors.random(manager, Seeds.SEED, c.input().getShape());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void lowPrecisionComesClose(BlockCase c) {
        try (Network network = Nets.shaken(c.spec(), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager();
                TorchRuns runs =
                        TorchRuns.staged(
                                network,
                                List.of(TorchRuns.data(c.input(), DataType.FLOAT32)),
                                TorchPrecisionTest::lowered)) {
            NDArray x = input(manager, c);
            NDArray actual = runs.run(new NDList(x));
            assertEquals(DataType.FLOAT32, actual.getDataType());
            assertClose(
                    Tensors.values(network.predict(new NDList(x))),
                    Tensors.values(actual),
                    LOW,
                    c.name());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void gradientsReachTheWeights(BlockCase c) {
        Assumptions.assumeFalse(
                backend.device().isGpu() && c.name().equals("dropout"),
                "a GPU drops other elements in another type");
        try (Network network = Nets.shaken(c.spec(), backend, DataType.FLOAT32);
                Network copy = Nets.shaken(c.spec(), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager();
                TorchRuns plain = runs(network, c, UnaryOperator.identity());
                TorchRuns low = runs(copy, c, TorchPrecisionTest::lowered)) {
            NDList x = new NDList(input(manager, c));
            Map<String, double[]> expected = plain.trained(x, true);
            Map<String, double[]> actual = low.trained(x, true);
            expected.forEach(
                    (what, values) -> {
                        double found = Tensors.largest(actual.get(what));
                        assertTrue(Tensors.largest(values) < 1e-4 || found > 0, what);
                    });
            // Together: where few samples meet the corner of a ReLU or a maximum, some point
            // elsewhere.
            double cosine = cosine(all(expected), all(actual));
            assertTrue(cosine > 0.9, "cosine " + cosine);
        }
    }

    private static double[] all(Map<String, double[]> found) {
        return found.entrySet().stream()
                .filter(e -> e.getKey().startsWith("gradient"))
                .flatMapToDouble(e -> Arrays.stream(e.getValue()))
                .toArray();
    }

    private static TorchRuns runs(Network network, BlockCase c, UnaryOperator<Graph> passes) {
        return TorchRuns.of(
                network, List.of(TorchRuns.data(c.input(), DataType.FLOAT32)), true, passes);
    }

    private static double cosine(double[] a, double[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }

    @Test
    void weightsAreCastOnceAndStayFloat32() {
        BlockCase c = cases().stream().filter(b -> b.name().equals("order (a)")).findFirst().get();
        try (Network network = Nets.shaken(c.spec(), backend, DataType.FLOAT32);
                TorchRuns runs = runs(network, c, TorchPrecisionTest::lowered)) {
            long casts = 0;
            for (Node node : runs.graph().nodes()) {
                if (node.operation() instanceof Leaf.Weight) {
                    assertEquals(DataType.FLOAT32, node.type());
                }
                if (node.operation() instanceof Operation.Cast
                        && node.input(0).operation() instanceof Leaf.Weight) {
                    casts++;
                }
            }
            assertEquals(
                    network.parameters().keySet().stream().filter(p -> p.contains("conv")).count(),
                    casts);
        }
    }

    @Test
    void attentionMayStayInFloat32() {
        Dims shape = Dims.of(DimExpr.BATCH, 4, 2);
        Node x = new Node(new Leaf.Input("data"), List.of(), shape, DataType.FLOAT32, "");
        Operation attention = new Operation.Attention(1, false, 0);
        Node y = new Node(attention, List.of(x, x, x), shape, DataType.FLOAT32, "");
        Graph graph = Graph.of(List.of(y), List.of(), Map.of());
        assertEquals(DataType.FLOAT32, typeOf(attention, graph, false));
        assertEquals(DataType.BFLOAT16, typeOf(attention, graph, true));
    }

    private static DataType typeOf(Operation operation, Graph graph, boolean low) {
        return new MixedPrecision(DataType.BFLOAT16, low)
                .apply(graph).nodes().stream()
                        .filter(node -> node.operation().equals(operation))
                        .findFirst()
                        .orElseThrow()
                        .type();
    }

    @Test
    void onlyTypesOfSixteenBitsAreLow() {
        Graph graph = Graph.of(List.of(), List.of(), Map.of());
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class, () -> new MixedPrecision(DataType.FLOAT64));
        assertTrue(e.getMessage().contains("float64"), e.getMessage());
    }
}
