package io.residuum.emit.mxnet;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Program;
import io.residuum.graph.rewrite.ConstantFolding;
import io.residuum.graph.rewrite.FoldBatchNorm;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.model.Network;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.testing.Engines;
import io.residuum.testing.Graphs;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Seeds.class)
class MxnetTargetTest {
    private static final LayerSpec UNIT =
            new Sequential(
                    "",
                    Residual.builder("unit", Conv2d.of(4, 3).withName("conv"))
                            .afterBranch(
                                    new NormActivation(NormSpec.BATCH, new ActivationSpec.Gelu()))
                            .build(),
                    new GlobalAveragePool("pool"),
                    new Linear("head", 3));

    private static Backend backend() {
        return Engines.backend(EngineChoice.MXNET);
    }

    private static Network unit() {
        return Nets.shaken(Nets.spec(UNIT, 4, 6, 6), backend(), DataType.FLOAT32);
    }

    private static NDList images(NDManager manager, int batch) {
        return new NDList(Tensors.random(manager, Seeds.SEED + batch, batch, 4, 6, 6));
    }

    private static Map<String, NDArray> weights(Network network) {
        Map<String, NDArray> weights = new LinkedHashMap<>();
        network.state().forEach((path, p) -> weights.put(path, p.getArray()));
        return weights;
    }

    @ParameterizedTest(name = "folded: {0}")
    @ValueSource(booleans = {false, true})
    void writesWhatDjlLoads(boolean folded, @TempDir Path folder) throws Exception {
        try (Network network = unit();
                NDManager manager = backend().newManager()) {
            Graph graph = Graphs.capture(network, images(manager, 2), false);
            List<NDArray> prepared = new ArrayList<>();
            if (folded) {
                ConstantFolding staged = ConstantFolding.of(new FoldBatchNorm().apply(graph));
                graph = staged.main();
                try (Program once =
                        new MxnetTarget()
                                .program(
                                        staged.preparation(),
                                        weights(network),
                                        List.of(),
                                        manager)) {
                    NDList results = once.run(new NDList());
                    results.attach(manager);
                    prepared.addAll(results);
                }
            }
            MxnetFiles.write(graph, weights(network), prepared, folder, "net");
            try (var files = Files.list(folder)) {
                assertEquals(
                        List.of("net-0000.params", "net-symbol.json"),
                        files.map(f -> f.getFileName().toString()).sorted().toList());
            }
            for (Map<String, String> options :
                    List.of(Map.<String, String>of(), Map.of("MxOptimizeFor", "MKLDNN"))) {
                try (Model model = Model.newInstance("net", "MXNet")) {
                    model.load(folder, "net", options);
                    for (int batch : new int[] {1, 3}) {
                        NDList x = images(manager, batch);
                        double[] expected = Tensors.values(network.predict(x));
                        NDList y =
                                model.getBlock().forward(backend().newParameterStore(), x, false);
                        assertClose(expected, Tensors.values(y.head()), 1e-5, "loaded " + options);
                    }
                }
            }
        }
    }

    @Test
    void writesNoGraphThatTrains(@TempDir Path folder) {
        try (Network network = unit();
                NDManager manager = backend().newManager()) {
            Graph graph = Graphs.capture(network, images(manager, 2), true);
            Map<String, NDArray> weights = weights(network);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> MxnetFiles.write(graph, weights, List.of(), folder, "net"));
        }
    }

    /**
     * MXNet chose by the order of addresses which of several readers it fused with a layer, in one
     * process of forty.
     */
    @ParameterizedTest
    @ValueSource(strings = {"silu", "geluTanh", "relu"})
    void fusesNoFunctionOfAResultThatOthersRead(String function) {
        LayerSpec layers =
                SpecJson.standard()
                        .parse(
                                """
                                [{"type": "linear", "name": "fc", "units": 4},
                                 {"type": "residual", "branch":
                                   {"type": "activation", "function": "%s"}}]
                                """
                                        .formatted(function),
                                "layers",
                                LayerSpec.class);
        try (Network network = Nets.shaken(Nets.spec(layers, 4), backend(), DataType.FLOAT32);
                NDManager manager = backend().newManager()) {
            NDList x = new NDList(manager.ones(new Shape(2, 4)));
            String json = SymbolWriter.write(Graphs.capture(network, x, false), true).json();
            Json nodes = JsonReader.parse(json, "symbol").get("nodes");
            Set<String> operations = new HashSet<>();
            for (Json node : nodes.items()) {
                for (Json in : node.get("inputs").items()) {
                    Json read = nodes.items().get(Integer.parseInt(in.items().get(0).compact()));
                    if (read.get("op").string("").equals("FullyConnected")) {
                        operations.add(node.get("op").string(""));
                    }
                }
            }
            assertTrue(operations.contains("BlockGrad"), function);
            Set<String> fusable = Set.of("Activation", "LeakyReLU", "square", "exp", "sqrt");
            assertTrue(Collections.disjoint(fusable, operations), operations.toString());
        }
    }

    /** Fused operations have zeros for gradients, so they must not be recorded. */
    @Test
    void hasGradientsWhereItIsFused() {
        try (Network network = unit();
                NDManager manager = backend().newManager()) {
            NDList x = images(manager, 2);
            Graph graph = Graphs.capture(network, x, false);
            try (Program program = Graphs.program(new MxnetTarget(), graph, network)) {
                program.run(x);
                NDArray weight = network.parameters().get("head.weight").getArray();
                try (GradientCollector collector = backend().newGradientCollector()) {
                    collector.backward(program.run(x).head().sum());
                }
                try (NDArray gradient = weight.getGradient()) {
                    assertTrue(Tensors.largest(Tensors.values(gradient)) > 0);
                }
            }
        }
    }

    @Test
    void dropsOnlyInTraining() {
        LayerSpec dropout = new Dropout("", 0.25);
        try (Network network = Network.create(Nets.spec(dropout, 1000), backend(), Seeds.SEED);
                NDManager manager = backend().newManager()) {
            NDList x = new NDList(manager.ones(new Shape(10, 1000)));
            Graph trains = Graphs.capture(network, x, true);
            try (Program program = Graphs.program(new MxnetTarget(), trains, network)) {
                double[] first = Tensors.values(program.run(x).head());
                double[] second = Tensors.values(program.run(x).head());
                double kept = Arrays.stream(first).filter(v -> v != 0).count() / 1e4;
                assertEquals(0.75, kept, 0.03);
                assertEquals(1 / 0.75, Tensors.largest(first), 1e-5);
                assertTrue(!Arrays.equals(first, second), "each run draws anew");
            }
            Graph graph = Graphs.capture(network, x, false);
            try (Program program = Graphs.program(new MxnetTarget(), graph, network)) {
                assertArrayEquals(Tensors.values(x.head()), Tensors.values(program.run(x).head()));
            }
        }
    }

    @ParameterizedTest(name = "training: {0}")
    @ValueSource(booleans = {false, true})
    void givesItsOutputsToTheInputsManagerAndKeepsNone(boolean training) {
        try (Network network = unit();
                NDManager owner = backend().newManager()) {
            NDArray x = images(owner, 2).head();
            Graph graph = Graphs.capture(network, new NDList(x), training);
            try (Program program =
                    new MxnetTarget().program(graph, weights(network), List.of(), owner)) {
                int before = -1;
                for (int i = 0; i < 4; i++) {
                    try (NDManager step = owner.newSubManager()) {
                        x.attach(step);
                        NDList y = program.run(new NDList(x));
                        assertEquals(step, y.singletonOrThrow().getManager());
                        Tensors.values(y.head());
                        x.attach(owner);
                    }
                    int now = owner.getManagedArrays().size();
                    assertTrue(before < 0 || now == before, now + " arrays, " + before);
                    before = now;
                }
            }
        }
    }

    @Test
    void mayRunInManyThreads() {
        try (Network network = unit();
                NDManager manager = backend().newManager()) {
            Graph graph = Graphs.capture(network, images(manager, 1), false);
            try (Program program = Graphs.program(new MxnetTarget(), graph, network)) {
                IntStream.range(0, 64)
                        .parallel()
                        .forEach(
                                i -> {
                                    try (NDManager own = backend().newManager()) {
                                        NDList x = images(own, 1 + i % 3);
                                        double[] y = Tensors.values(program.run(x).head());
                                        double[] expected = Tensors.values(network.predict(x));
                                        assertClose(expected, y, 1e-5, "thread");
                                    }
                                });
            }
        }
    }

    @ParameterizedTest(name = "{0} axes, causal: {1}")
    @CsvSource({"3, false", "3, true", "4, false", "4, true"})
    void attends(int rank, boolean causal) {
        long[] dims = rank == 3 ? new long[] {-1, 5, 4} : new long[] {-1, 2, 5, 4};
        try (NDManager manager = backend().newManager()) {
            Dims free = Dims.of(dims).with(0, DimExpr.BATCH);
            List<Node> in = new ArrayList<>();
            for (String name : List.of("q", "k", "v")) {
                in.add(new Node(new Leaf.Input(name), List.of(), free, DataType.FLOAT32, ""));
            }
            Node node =
                    new Node(
                            new Operation.Attention(0.5, causal, 0),
                            in,
                            free,
                            DataType.FLOAT32,
                            "");
            Graph graph = Graph.of(List.of(node), List.of(), Map.of());
            NDList given = new NDList();
            for (int i = 0; i < 3; i++) {
                dims[0] = 3;
                given.add(Tensors.random(manager, Seeds.SEED + i, dims));
            }
            try (Program program = new MxnetTarget().program(graph, Map.of(), List.of(), manager)) {
                double[] y = Tensors.values(program.run(given).head());
                assertClose(attention(given, causal), y, 1e-5, "attention");
            }
        }
    }

    /** By its equation, one query after the other. */
    private static double[] attention(NDList in, boolean causal) {
        double[] q = Tensors.values(in.get(0));
        double[] k = Tensors.values(in.get(1));
        double[] v = Tensors.values(in.get(2));
        int rows = 5;
        int width = 4;
        double[] y = new double[q.length];
        for (int at = 0; at < q.length / width; at++) {
            int first = at / rows * rows;
            int last = causal ? at + 1 : first + rows;
            double sum = 0;
            for (int key = first; key < last; key++) {
                double score = 0;
                for (int i = 0; i < width; i++) {
                    score += 0.5 * q[at * width + i] * k[key * width + i];
                }
                double weight = Math.exp(score);
                sum += weight;
                for (int i = 0; i < width; i++) {
                    y[at * width + i] += weight * v[key * width + i];
                }
            }
            for (int i = 0; i < width; i++) {
                y[at * width + i] /= sum;
            }
        }
        return y;
    }
}
