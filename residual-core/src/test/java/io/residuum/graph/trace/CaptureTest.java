package io.residuum.graph.trace;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Graph;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.Linear;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class CaptureTest {
    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "net",
             "input": {"type": "image", "shape": [3, 8, 8]},
             "network": {"type": "sequential", "layers": [
               {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3, "padding": 1},
               {"type": "residual", "name": "unit", "shortcut": "identity", "dropPath": %s,
                "branch": [{"type": "conv2d", "name": "conv", "filters": 4, "kernel": 3,
                            "padding": 1, "bias": false}],
                "after": {"norm": "batch", "activation": "relu"}},
               {"type": "globalAveragePool"},
               {"type": "linear", "name": "head", "units": 5}]}}
            """;

    private static Layer network(String dropPath) {
        ModelSpec spec =
                SpecJson.standard().parse(NETWORK.formatted(dropPath), "net", ModelSpec.class);
        return spec.newBlock();
    }

    private static Graph capture(Layer layer, boolean training) {
        var data = new Capture.Source(Capture.DATA, layer.inputShape(), DataType.FLOAT32);
        return Capture.of(layer, List.of(data), training);
    }

    @Test
    void recordsWhatTheForwardPassComputes() {
        Graph graph = capture(network("0"), false);
        assertAll(
                () ->
                        assertEquals(
                                Map.of(
                                        "Add",
                                        1,
                                        "BatchNorm",
                                        1,
                                        "Convolution",
                                        2,
                                        "GlobalPool",
                                        1,
                                        "Linear",
                                        1,
                                        "Relu",
                                        1,
                                        "Reshape",
                                        1),
                                graph.counts()),
                () -> assertEquals(Set.of("data"), graph.inputs().keySet()),
                () ->
                        assertEquals(
                                network("0").namedParameters().keySet(),
                                graph.weights(),
                                "every parameter is used"),
                () -> assertEquals("(N, 5)", graph.outputs().get(0).shape().toString()));
    }

    @Test
    void placesOperationsInLayers() {
        Graph graph = capture(network("0"), false);
        List<String> layers =
                graph.nodes().stream()
                        .filter(n -> !n.operation().isLeaf())
                        .map(n -> n.operation().name() + " " + n.layer())
                        .toList();
        assertTrue(
                layers.containsAll(
                        List.of(
                                "Convolution stem",
                                "Convolution unit.branch.conv",
                                "Add unit",
                                "Linear head")),
                layers::toString);
        assertTrue(graph.layers().containsKey("unit.branch.conv"), graph.layers()::toString);
    }

    @Test
    void drawsStochasticDepthInEveryRun() {
        Graph graph = capture(network("0.5"), true);
        assertEquals(1, graph.draws().size());
        float[] factors = graph.draws().get(0).apply(64);
        assertEquals(64, factors.length);
        for (float f : factors) {
            assertTrue(f == 0 || f == 2, () -> "0 or 1 / (1 - 0.5), got " + f);
        }
        assertTrue(capture(network("0.5"), false).draws().isEmpty(), "evaluation draws nothing");
    }

    @Test
    void printsOneLineANode() {
        Graph graph = capture(network("0"), false);
        String[] lines = graph.toString().split("\\R");
        assertEquals(graph.nodes().size() + 1, lines.length);
        assertTrue(lines[0].startsWith("%0 = Input[name=data]() : float32 (N, 3, 8, 8)"), lines[0]);
        assertTrue(lines[lines.length - 1].startsWith("return %"), lines[lines.length - 1]);
    }

    /** A layer as a user may write it. */
    private static final class Own extends Layer {
        private final UnaryOperator<NDArray> function;

        Own(UnaryOperator<NDArray> function) {
            super(new Shape(-1, 6));
            this.function = function;
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            return function.apply(x);
        }
    }

    @Test
    void capturesALayerOfTheUser() {
        Graph graph = capture(new Own(x -> x.mul(2).add(x.get(":, 0:1")).softmax(-1)), false);
        assertEquals(Map.of("Add", 1, "Multiply", 1, "Slice", 1, "Softmax", 1), graph.counts());
    }

    @Test
    void namesLayerAndOperationThatItDoesNotKnow() {
        var byDjl =
                assertThrows(CaptureException.class, () -> capture(new Own(NDArray::sort), false));
        assertTrue(byDjl.getMessage().contains("Own uses sort"), byDjl.getMessage());
        var byFunction =
                assertThrows(
                        CaptureException.class,
                        () -> capture(new Own(x -> x.getNDArrayInternal().softPlus()), false));
        assertTrue(byFunction.getMessage().contains("Own uses softPlus"), byFunction.getMessage());
    }

    @Test
    void refusesAParameterWhoseSizeMeansTheBatch() {
        Layer large = new Linear("", 1_000_003).newBlock(new Shape(-1, 4));
        var e = assertThrows(CaptureException.class, () -> capture(large, false));
        assertTrue(e.getMessage().contains("weight of shape (1000003, 4)"), e.getMessage());
    }

    @Test
    void refusesToReadValues() {
        var e =
                assertThrows(
                        CaptureException.class,
                        () -> capture(new Own(x -> x.mul(x.toFloatArray()[0])), false));
        assertTrue(e.getMessage().contains("Own uses the values of an array"), e.getMessage());
    }

    @Test
    void keepsOnlyWhatTheOutputNeeds() {
        Graph graph =
                capture(
                        new Own(
                                x -> {
                                    x.exp();
                                    return x.square();
                                }),
                        false);
        assertEquals(Map.of("Square", 1), graph.counts());
    }
}
