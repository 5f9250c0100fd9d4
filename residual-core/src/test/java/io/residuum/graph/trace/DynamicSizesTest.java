package io.residuum.graph.trace;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.SymbolicDim;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DynamicSizesTest {
    private static final Shape IMAGES = new Shape(-1, 3, -1, -1);

    private static Layer images(String layers) {
        String json =
                """
                {"format": "residuum/1", "name": "net",
                 "input": {"type": "image", "shape": [3, 32, 32]},
                 "network": {"type": "sequential", "layers": [%s]}}
                """
                        .formatted(layers.replace('\'', '"'));
        return SpecJson.standard().parse(json, "net", ModelSpec.class).newBlock();
    }

    private static Graph capture(Layer layer, Shape shape) {
        var data = new Capture.Source(Capture.DATA, shape, DataType.FLOAT32);
        return Capture.of(layer, List.of(data), false);
    }

    private static List<String> operations(Graph graph) {
        return graph.nodes().stream().map(n -> n.operation().toString()).toList();
    }

    private static final String CONVOLUTIONS =
            """
            {'type': 'conv2d', 'name': 'stem', 'filters': 4, 'kernel': 3, 'stride': 2, 'padding': 1},
            {'type': 'maxPool2d', 'kernel': 3, 'stride': 2, 'padding': 1},
            {'type': 'residual', 'name': 'unit', 'shortcut': 'identity',
             'branch': [{'type': 'conv2d', 'name': 'conv', 'filters': 4, 'kernel': 3, 'padding': 1}],
             'after': {'norm': 'batch', 'activation': 'relu'}}
            """;

    @Test
    void convolutionsTakeImagesOfAnySize() {
        Layer net =
                images(
                        CONVOLUTIONS
                                + ", {'type': 'globalAveragePool'},"
                                + " {'type': 'linear', 'name': 'head', 'units': 5}");
        Graph free = capture(net, IMAGES);
        Graph fixed = capture(net, new Shape(-1, 3, 64, 96));
        List<String> shapes = free.nodes().stream().map(n -> n.shape().toString()).toList();
        assertAll(
                () -> assertEquals(operations(fixed), operations(free)),
                () -> assertEquals("(N, 3, H, W)", shapes.get(0)),
                () -> assertTrue(shapes.contains("(N, 4, H/2, W/2)"), shapes::toString),
                () -> assertTrue(shapes.contains("(N, 4, H/4, W/4)"), shapes::toString),
                () -> assertEquals("(N, 5)", shapes.get(shapes.size() - 1)));
    }

    @Test
    void oneSideMayBeFree() {
        Graph free = capture(images(CONVOLUTIONS), new Shape(-1, 3, 32, -1));
        assertEquals("(N, 4, 8, W/4)", free.outputs().get(0).shape().toString());
    }

    @Test
    void sizesThatAreNoFractionsHaveSymbolsToo() {
        Graph free =
                capture(
                        images("{'type': 'conv2d', 'name': 'conv', 'filters': 4, 'kernel': 3}"),
                        IMAGES);
        Dims shape = free.outputs().get(0).shape();
        assertFalse(shape.get(2).isFixed());
        assertNotEquals(DimExpr.of(SymbolicDim.HEIGHT), shape.get(2));
    }

    @Test
    void weightsForEachPixelPinTheSize() {
        Layer net =
                images(
                        CONVOLUTIONS
                                + ", {'type': 'flatten'},"
                                + " {'type': 'linear', 'name': 'head', 'units': 5}");
        var e = assertThrows(CaptureException.class, () -> capture(net, IMAGES));
        assertTrue(e.getMessage().contains("image size cannot be dynamic"), e.getMessage());
        assertTrue(e.getMessage().contains(" at head"), e.getMessage());
    }

    /** 32 and 65 have the remainder 2 by 3: what is captured at both has equal padding. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'conv2d', 'filters': 4, 'kernel': 3, 'stride': 3, 'padding': 'same'}",
                "{'type': 'maxPool2d', 'kernel': 3, 'stride': 3, 'ceil': true}"
            })
    void paddingByTheSizePinsIt(String layer) {
        var e = assertThrows(CaptureException.class, () -> capture(images(layer), IMAGES));
        assertTrue(e.getMessage().contains("image size cannot be dynamic"), e.getMessage());
        assertTrue(e.getMessage().contains("2d("), e.getMessage());
    }

    @Test
    void fixedPaddingDoesNotPinTheSize() {
        Graph free =
                capture(
                        images(
                                "{'type': 'conv2d', 'filters': 4, 'kernel': 4, 'padding': 'same'},"
                                        + " {'type': 'pad', 'border': [[0, 1], [1, 0]]}"),
                        IMAGES);
        assertEquals(2, operations(free).stream().filter(o -> o.startsWith("Pad[")).count());
    }

    /** A layer of the user that computes with sizes of its own. */
    private static final class Own extends Layer {
        private final UnaryOperator<NDArray> function;

        Own(UnaryOperator<NDArray> function) {
            this(new Shape(-1, 12, 4), function);
        }

        Own(Shape input, UnaryOperator<NDArray> function) {
            super(input);
            this.function = function;
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            return function.apply(x);
        }
    }

    @Test
    void sizesMayHaveToBeEven() {
        Layer net =
                new Own(
                        new Shape(-1, 3, 32, 32),
                        x -> {
                            if (x.getShape().get(2) % 2 != 0) {
                                throw new IllegalArgumentException("height must be even");
                            }
                            return x.exp();
                        });
        Graph free = capture(net, IMAGES);
        assertEquals("(N, 3, H, W)", free.outputs().get(0).shape().toString());
    }

    private static Graph sequences(UnaryOperator<NDArray> function) {
        return capture(new Own(function), new Shape(-1, -1, 4));
    }

    private static NDArray constant(NDArray x, int rows, BinaryOperator<Integer> value) {
        int length = (int) x.getShape().get(1);
        float[] values = new float[rows * length];
        for (int i = 0; i < values.length; i++) {
            values[i] = value.apply(i / length, i % length);
        }
        return x.getManager().create(values, new Shape(1, (long) rows * length, 1));
    }

    @Test
    void shapesOfALengthAreComputed() {
        Graph free =
                sequences(
                        x -> {
                            long length = x.getShape().get(1);
                            return x.reshape(-1, length, 2, 2)
                                    .transpose(0, 2, 1, 3)
                                    .reshape(-1, 2 * length, 2);
                        });
        List<String> shapes = free.nodes().stream().map(n -> n.shape().toString()).toList();
        assertEquals(List.of("(N, L, 4)", "(N, L, 2, 2)", "(N, 2, L, 2)", "(N, 2L, 2)"), shapes);
    }

    @Test
    void constantsAreCutFromTheLongest() {
        Graph free = sequences(x -> x.add(constant(x, 1, (block, i) -> 7 * i)));
        Node cut = free.outputs().get(0).input(1);
        var all = (Leaf.Constant) cut.input(0).operation();
        assertAll(
                () -> assertEquals("Slice", cut.operation().name()),
                () -> assertEquals("(1, L, 1)", cut.shape().toString()),
                () ->
                        assertEquals(
                                IntStream.range(0, 12).mapToObj(i -> 7.0 * i).toList(),
                                Arrays.stream(all.values()).boxed().toList()));
    }

    @Test
    void constantsOfSeveralBlocksAreCutInEach() {
        Graph free =
                sequences(
                        x -> {
                            NDArray table = constant(x, 3, (block, i) -> 100 * block + i);
                            return x.repeat(1, 3).add(table);
                        });
        Node whole = free.outputs().get(0).input(1);
        Node cut = whole.input(0);
        assertAll(
                () -> assertEquals("(1, 3L, 1)", whole.shape().toString()),
                () -> assertEquals("(1, 3, L, 1)", cut.shape().toString()),
                () -> assertEquals("(1, 3, 12, 1)", cut.input(0).shape().toString()));
    }

    @Test
    void lastPositionsAreThoseOfAnyLength() {
        Node last = sequences(x -> x.get(":, -2:")).outputs().get(0);
        assertEquals("Slice[axis=1, from=-2, to=L, step=1]", last.operation().toString());
        assertEquals(DimExpr.of(2), last.shape().get(1));
    }

    @Test
    void whatDiffersFromLengthToLengthPinsIt() {
        for (UnaryOperator<NDArray> function :
                List.<UnaryOperator<NDArray>>of(
                        x -> x.mul(1.0 / x.getShape().get(1)),
                        x -> x.add(constant(x, 1, (b, i) -> (int) x.getShape().get(1) - i)),
                        x -> x.get(":, " + x.getShape().get(1) / 2 + ":"),
                        x -> x.getShape().get(1) > 9 ? x.exp().log() : x.exp())) {
            var e = assertThrows(CaptureException.class, () -> sequences(function));
            assertTrue(
                    e.getMessage()
                            .startsWith("the length of sequences cannot be dynamic, because Own"),
                    e.getMessage());
        }
    }

    @Test
    void onlySizesWithAMeaningAreFree() {
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> capture(new Own(x -> x), new Shape(-1, -1, -1)));
        assertTrue(e.getMessage().contains("may be -1 in an input"), e.getMessage());
    }
}
