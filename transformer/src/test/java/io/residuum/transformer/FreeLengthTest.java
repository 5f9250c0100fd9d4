package io.residuum.transformer;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.emit.mxnet.MxnetTarget;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.SymbolicDim;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.CaptureException;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Transformers are captured for sequences of any length. */
class FreeLengthTest {
    private static final Shape ANY = new Shape(-1, -1);

    private static ModelSpec spec(InputSpec input, String json) {
        LayerSpec layer =
                SpecJson.standard().parse(json.replace('\'', '"'), "test", LayerSpec.class);
        return new ModelSpec("test", input, layer);
    }

    private static Graph capture(String json, Capture.Source... sideInputs) {
        ModelSpec spec = spec(new InputSpec.Tokens(8, 11), json);
        List<Capture.Source> sources = new ArrayList<>();
        sources.add(new Capture.Source(Capture.DATA, ANY, DataType.INT64));
        sources.addAll(List.of(sideInputs));
        return Capture.of(spec.newBlock(), sources, false);
    }

    private static Capture.Source mask(String name, Dims shape) {
        return new Capture.Source(name, shape, DataType.FLOAT32);
    }

    private static String output(Graph graph) {
        return graph.outputs().get(0).shape().toString();
    }

    @Test
    void learnedPositionsAreSliced() {
        Graph graph =
                capture("{'type': 'gpt', 'vocabulary': 11, 'width': 8, 'depth': 1, 'heads': 2}");
        List<Node> slices =
                graph.nodes().stream()
                        .filter(
                                n ->
                                        n.operation() instanceof Operation.Slice
                                                && n.input(0).operation() instanceof Leaf.Weight)
                        .toList();
        assertAll(
                () -> assertEquals("(N, L, 11)", output(graph)),
                () -> assertEquals(1, slices.size()),
                () -> assertEquals("(L, 8)", slices.get(0).shape().toString()),
                () -> assertEquals(Dims.of(8, 8), slices.get(0).input(0).shape()));
    }

    @Test
    void rotaryTablesOfGroupedHeadsAreSlicedInEachHead() {
        Graph graph =
                capture(
                        "{'type': 'llama', 'vocabulary': 11, 'width': 16, 'depth': 1, 'heads': 4,"
                                + " 'kvHeads': 2, 'mlpWidth': 12}");
        List<String> tables =
                graph.nodes().stream()
                        .filter(n -> n.operation() instanceof Leaf.Constant)
                        .map(n -> n.shape().toString())
                        .distinct()
                        .toList();
        assertAll(
                () -> assertEquals("(N, L, 11)", output(graph)),
                // Queries of two heads on top of each other, keys, and the mask.
                () -> assertTrue(tables.contains("(1, 2, 8, 2)"), tables::toString),
                () -> assertTrue(tables.contains("(1, 8, 2)"), tables::toString),
                () -> assertTrue(tables.contains("(1, 8, 8)"), tables::toString));
    }

    @Test
    void masksAreAsLongAsTheSequence() {
        Graph graph =
                capture(
                        "{'type': 'bert', 'vocabulary': 11, 'width': 8, 'depth': 1, 'heads': 2}",
                        mask("mask", Dims.open(SymbolicDim.BATCH, SymbolicDim.LENGTH)));
        assertEquals("(N, L)", graph.inputs().get("mask").shape().toString());
        assertTrue(
                graph.nodes().stream().anyMatch(n -> n.shape().toString().equals("(2N, 1, L)")),
                graph::toString);
    }

    @Test
    void aSourceHasALengthOfItsOwn() {
        Dims source = Dims.open(SymbolicDim.BATCH, SymbolicDim.SOURCE);
        Graph graph =
                capture(
                        "{'type': 'encoderDecoder', 'vocabulary': 11, 'width': 8, 'depth': 1,"
                                + " 'heads': 2, 'mlpWidth': 12}",
                        new Capture.Source("source", source, DataType.INT64),
                        mask("sourceMask", source));
        assertEquals("(N, L, 11)", output(graph));
        assertTrue(
                graph.nodes().stream().anyMatch(n -> n.shape().toString().equals("(2N, L, S)")),
                graph::toString);
    }

    @Test
    void positionsOfPatchesPinTheImage() {
        ModelSpec spec =
                spec(
                        new InputSpec.Image(List.of(3, 32, 32), List.of(), List.of()),
                        "{'type': 'vit', 'patch': 8, 'width': 16, 'depth': 1, 'heads': 2,"
                                + " 'classes': 5}");
        var data = new Capture.Source(Capture.DATA, new Shape(-1, 3, -1, -1), DataType.FLOAT32);
        var e =
                assertThrows(
                        CaptureException.class,
                        () -> Capture.of(spec.newBlock(), List.of(data), false));
        assertTrue(
                e.getMessage()
                        .startsWith(
                                "the image size cannot be dynamic, because PatchEmbedding(4x4"
                                        + " patches, 1 token ahead) at embedding"),
                e.getMessage());
    }

    @Test
    void mxnetNeedsACertainLength() {
        Graph graph =
                capture("{'type': 'gpt', 'vocabulary': 11, 'width': 8, 'depth': 1, 'heads': 2}");
        assertFalse(new MxnetTarget().servesAnySize(graph));
    }
}
