package io.residuum.transformer.layers;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Classification;
import io.residuum.model.Classifier;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.nn.ForwardPass;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.Size2d;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Embeddings and heads. */
class EndsTest {
    private static final InputSpec TOKENS = new InputSpec.Tokens(4, 7);

    private static ModelSpec text(LayerSpec... layers) {
        return new ModelSpec("text", TOKENS, new Sequential("", layers));
    }

    private static TokenEmbedding embedding(PositionTable positions, int segments) {
        return TokenEmbedding.of(7, 6, positions, 0)
                .with()
                .segments(segments)
                .init(new InitSpec.Normal(1))
                .build();
    }

    private static double[] row(double[] table, int row, int width) {
        return Arrays.copyOfRange(table, row * width, (row + 1) * width);
    }

    @EachEngine
    void tokensPositionsAndSegmentsAddUp(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        ModelSpec spec = text(embedding(PositionTable.LEARNED, 2));
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDArray ids = manager.create(new long[] {5, 0, 6}, new Shape(1, 3));
            NDArray segments = manager.create(new long[] {0, 1, 1}, new Shape(1, 3));
            segments.setName(TokenEmbedding.SEGMENTS);
            double[] plain = Tensors.values(network.predict(new NDList(ids)));
            double[] marked = Tensors.values(network.predict(new NDList(ids, segments)));
            Map<String, double[]> tables = Nets.values(network.parameters());
            for (int c = 0; c < 6; c++) {
                double sum = row(tables.get("embedding.token.weight"), 0, 6)[c];
                sum += row(tables.get("embedding.position.weight"), 1, 6)[c];
                double[] segment = tables.get("embedding.segment.weight");
                assertEquals(sum + segment[c], plain[6 + c], 1e-5);
                assertEquals(sum + segment[6 + c], marked[6 + c], 1e-5);
            }
        }
    }

    @EachEngine
    void sinusoidsAreThePapers(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        PositionEmbedding positions =
                new PositionEmbedding("", PositionTable.SINUSOIDAL, 0, 0, new InitSpec.Normal(1));
        try (Network network = Network.create(Nets.spec(positions, 3, 4), backend, 1);
                NDManager manager = backend.newManager()) {
            NDArray zeros = manager.zeros(new Shape(1, 3, 4));
            double[] y = Tensors.values(network.predict(new NDList(zeros)));
            double[] third = {Math.sin(2), Math.cos(2), Math.sin(0.02), Math.cos(0.02)};
            assertClose(new double[] {0, 1, 0, 1}, row(y, 0, 4), 1e-6, "position 0");
            assertClose(third, row(y, 2, 4), 1e-6, "position 2");
        }
    }

    @EachEngine
    void aTiedHeadMultipliesByTheEmbeddingThatAloneOwnsTheWeight(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        ModelSpec spec =
                text(
                        embedding(PositionTable.NONE, 0),
                        new TiedHead("head", "embedding.token", 7, true));
        assertEquals(List.of("embedding.token.weight", "head.bias"), paths(spec));
        assertEquals(7 * 6 + 7, Cost.of(spec.newBlock()).parameters());
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            double[] table = Nets.values(network.parameters()).get("embedding.token.weight");
            double[] bias = Nets.values(network.parameters()).get("head.bias");
            NDArray ids = manager.create(new long[] {3}, new Shape(1, 1));
            double[] logits = Tensors.values(network.predict(new NDList(ids)));
            for (int v = 0; v < 7; v++) {
                double sum = bias[v];
                for (int c = 0; c < 6; c++) {
                    sum += table[3 * 6 + c] * table[v * 6 + c];
                }
                assertEquals(sum, logits[v], 1e-5);
            }
        }
    }

    private static List<String> paths(ModelSpec spec) {
        return List.copyOf(spec.newBlock().namedParameters().keySet());
    }

    @Test
    void aTiedHeadFindsTheEmbeddingNearestToIt() {
        LayerSpec inner =
                new Sequential(
                        "inner",
                        embedding(PositionTable.NONE, 0),
                        new TiedHead("head", "embedding.token", 7, false));
        assertEquals(List.of("inner.embedding.token.weight"), paths(text(inner)));
    }

    @Test
    void aTiedHeadSaysWhichEmbeddingsThereAre() {
        ModelSpec spec =
                text(
                        embedding(PositionTable.NONE, 0),
                        new TiedHead("head", "words.token", 7, false));
        String message = assertThrows(SpecException.class, spec::newBlock).getMessage();
        assertTrue(message.startsWith("head: \"words.token\" must name"), message);
        assertTrue(message.contains("[embedding.token]"), message);
        ModelSpec larger =
                text(
                        embedding(PositionTable.NONE, 0),
                        new TiedHead("head", "embedding.token", 8, false));
        String shapes = assertThrows(SpecException.class, larger::newBlock).getMessage();
        assertTrue(shapes.contains("(8, 6), got (7, 6)"), shapes);
    }

    @EachEngine
    void aSequenceLongerThanItsPositionsIsRefused(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        ModelSpec spec = text(embedding(PositionTable.LEARNED, 0));
        try (Network network = Network.create(spec, backend, 1);
                NDManager manager = backend.newManager()) {
            NDList five = new NDList(manager.zeros(new Shape(1, 5), DataType.INT64));
            String message =
                    assertThrows(IllegalArgumentException.class, () -> network.predict(five))
                            .getMessage();
            assertTrue(message.contains("at most 4 positions, got 5"), message);
        }
    }

    @EachEngine
    void otherHeadsAreThereForWhoWatchesThem(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        Heads heads = new Heads("head", List.of(new Linear("a", 3), new Linear("b", 2)));
        ModelSpec spec = Nets.spec(new Sequential("", heads), 4);
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDList x = new NDList(Tensors.random(manager, 1, 5, 4));
            SpecException e = assertThrows(SpecException.class, () -> network.predict(x));
            assertTrue(e.getMessage().contains("would drop head.b"), e.getMessage());
            assertThrows(SpecException.class, () -> network.forward(x, true));
            assertThrows(SpecException.class, () -> network.resetHead(4, 1));
            NDArray first = network.features(x, List.of("")).get("");
            assertEquals(new Shape(5, 3), first.getShape());
            NDArray b = network.features(x, List.of("head.b")).get("head.b");
            assertEquals(new Shape(5, 2), b.getShape());
        }
    }

    @EachEngine
    void aGraphOfSeveralOutputsHasFurtherHeadsByPath(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        Heads heads = new Heads("value", List.of(new Linear("a", 3), new Linear("b", 2)));
        LayerGraph graph =
                new LayerGraph(
                        "",
                        Names.of("input"),
                        List.of(
                                LayerNode.of(new Linear("policy", 5)),
                                LayerNode.of(heads).from("input")),
                        Names.of(List.of("policy", "value")));
        try (Network network = Nets.shaken(Nets.spec(graph, 4), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDList x = new NDList(Tensors.random(manager, 1, 1, 4));
            Map<String, NDArray> all = network.predictAll(x);
            assertEquals(List.of("policy", "value", "value.b"), List.copyOf(all.keySet()));
            Map<String, double[]> weights = Nets.values(network.parameters());
            Map<String, String> layers =
                    Map.of("policy", "policy", "value", "value.a", "value.b", "value.b");
            layers.forEach(
                    (name, path) -> {
                        double[] w = weights.get(path + ".weight");
                        double[] expected = weights.get(path + ".bias").clone();
                        double[] input = Tensors.values(x.head());
                        for (int i = 0; i < w.length; i++) {
                            expected[i / 4] += w[i] * input[i % 4];
                        }
                        assertClose(expected, Tensors.values(all.get(name)), 1e-5, name);
                        Classification found =
                                new Classifier<NDList>(network, (m, some) -> some.get(0), name)
                                        .classify(List.of(x), 1)
                                        .get(0);
                        assertEquals(expected.length, found.classes().size(), name);
                    });
        }
    }

    @EachEngine
    void positionsAreInterpolatedAsInPyTorch(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (NDManager manager = backend.newManager()) {
            NDArray matrix =
                    new Grid.Resize(new Grid(2, 3), new Grid(3, 4), DataType.FLOAT32)
                            .make(
                                    ForwardPass.of(
                                            backend.newParameterStore(),
                                            new NDList(manager.zeros(new Shape(1))),
                                            false));
            NDArray squares = manager.create(new float[] {0, 1, 4, 9, 16, 25}, new Shape(6, 1));
            // torch.nn.functional.interpolate(x, size=(3, 4), mode="bicubic"), torch 2.
            double[] expected = {
                -0.8156433105468733, -0.7471211751302058, 0.6439310709635458, 2.3550313313802134,
                4.212890625, 6.3994140625, 11.1015625, 14.9306640625,
                9.241424560546877, 13.545949300130214, 21.55919392903646, 27.506296793619796
            };
            assertClose(expected, Tensors.values(matrix.matMul(squares)), 1e-6, "bicubic");
        }
    }

    @EachEngine
    void anImageOfAnotherSizeKeepsItsTokensPositions(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        PatchEmbedding patches =
                PatchEmbedding.builder(Size2d.of(2), 5)
                        .name("")
                        .tokens(List.of("class"))
                        .init(new InitSpec.Normal(1))
                        .build();
        ModelSpec spec =
                new ModelSpec(
                        "image",
                        new InputSpec.Image(List.of(1, 6, 4), List.of(), List.of()),
                        patches);
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDArray small = network.predict(new NDList(manager.zeros(new Shape(2, 1, 6, 4))));
            NDArray large = network.predict(new NDList(manager.zeros(new Shape(2, 1, 10, 8))));
            assertEquals(new Shape(2, 1 + 3 * 2, 5), small.getShape());
            assertEquals(new Shape(2, 1 + 5 * 4, 5), large.getShape());
            double[] before = Tensors.values(small.get(":, 0"));
            assertClose(before, Tensors.values(large.get(":, 0")), 1e-6, "class token");
            assertFalse(Tensors.largest(Tensors.values(large.get(":, 1:"))) == 0);
        }
    }
}
