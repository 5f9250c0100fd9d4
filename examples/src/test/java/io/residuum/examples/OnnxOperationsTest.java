package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import io.residuum.emit.onnx.OnnxWriter;
import io.residuum.engine.Ops;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.FakeQuantize;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Leaf.Constant;
import io.residuum.graph.Leaf.Fill;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Aggregate;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.Operation.Attention;
import io.residuum.graph.Operation.Cast;
import io.residuum.graph.Operation.Concat;
import io.residuum.graph.Operation.Expand;
import io.residuum.graph.Operation.Function;
import io.residuum.graph.Operation.GlobalPool;
import io.residuum.graph.Operation.Pool;
import io.residuum.graph.Operation.Reduce;
import io.residuum.graph.Operation.Repeat;
import io.residuum.graph.Operation.Reshape;
import io.residuum.graph.Operation.Scalar;
import io.residuum.graph.Operation.Slice;
import io.residuum.graph.Operation.Softmax;
import io.residuum.graph.Operation.Transpose;
import io.residuum.graph.Operation.Unary;
import io.residuum.testing.Engines;
import io.residuum.testing.Tensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares each operation of onnxruntime with an engine, on an image. */
class OnnxOperationsTest {
    private static final DimExpr N = DimExpr.BATCH;
    private static final int CHANNELS = 2;
    private static final int SIDE = 4;
    private static final Shape WINDOW = new Shape(3, 3);
    private static final Shape TWO = new Shape(2, 2);
    private static final Shape ONE = new Shape(1, 1);
    private static final double[] TABLE = {0.5, -1, 2, 1, 0.25, -0.5, 3, 1.5, -2, 0.75, 1, -1};

    @TempDir private Path folder;

    private static Node node(Operation operation, Dims shape, Node... inputs) {
        DataType type = inputs.length == 0 ? DataType.FLOAT32 : inputs[0].type();
        return new Node(operation, List.of(inputs), shape, type, "layer");
    }

    private static Node unary(Function function, double alpha, Node x) {
        return node(new Unary(function, alpha), x.shape(), x);
    }

    private static Node exp(Node x) {
        return unary(Function.EXP, 0, x);
    }

    private static Node binary(Arithmetic arithmetic, Node a, Node b) {
        return node(new Operation.Binary(arithmetic), a.shape(), a, b);
    }

    private static Node constant(DataType type, Dims shape, double... values) {
        return new Node(new Constant(values), List.of(), shape, type, "");
    }

    private static Arguments expect(
            String name, UnaryOperator<Node> ours, UnaryOperator<NDArray> expected) {
        return arguments(name, ours, expected);
    }

    static List<Arguments> functions() {
        return List.of(
                expect("relu", x -> unary(Function.RELU, 0, x), x -> x.maximum(0)),
                expect("sigmoid", x -> unary(Function.SIGMOID, 0, x), x -> sigmoid(x)),
                expect("tanh", x -> unary(Function.TANH, 0, x), NDArray::tanh),
                expect("exp", x -> exp(x), NDArray::exp),
                expect("log", x -> unary(Function.LOG, 0, exp(x)), x -> x),
                expect("sqrt", x -> unary(Function.SQRT, 0, exp(x)), x -> x.div(2).exp()),
                expect("square", x -> unary(Function.SQUARE, 0, x), NDArray::square),
                expect("negate", x -> unary(Function.NEGATE, 0, x), NDArray::neg),
                expect("gelu", x -> unary(Function.GELU, 0, x), x -> x.getNDArrayInternal().gelu()),
                expect(
                        "geluTanh",
                        x -> unary(Function.GELU_TANH, 0, x),
                        x ->
                                x.mul(
                                        sigmoid(
                                                x.pow(3)
                                                        .mul(0.044715)
                                                        .add(x)
                                                        .mul(2 * Math.sqrt(2 / Math.PI))))),
                expect("silu", x -> unary(Function.SILU, 0, x), x -> x.mul(sigmoid(x))),
                expect("relu6", x -> unary(Function.RELU6, 0, scaled(x)), x -> x.mul(5).clip(0, 6)),
                expect(
                        "hardSigmoid",
                        x -> unary(Function.HARD_SIGMOID, 0, scaled(x)),
                        x -> x.mul(5).add(3).clip(0, 6).div(6)),
                expect(
                        "hardSwish",
                        x -> unary(Function.HARD_SWISH, 0, scaled(x)),
                        x -> x.mul(5).add(3).clip(0, 6).div(6).mul(x.mul(5))),
                expect(
                        "leakyRelu",
                        x -> unary(Function.LEAKY_RELU, 0.1, x),
                        x -> x.maximum(x.mul(0.1))),
                expect(
                        "elu",
                        x -> unary(Function.ELU, 0.5, x),
                        x -> x.maximum(0).add(x.minimum(0).exp().sub(1).mul(0.5))),
                expect("softmax", x -> node(new Softmax(1), x.shape(), x), x -> x.softmax(1)),
                expect(
                        "8 bits",
                        x -> node(new FakeQuantize(0.0125f, 50), x.shape(), x),
                        x ->
                                x.div(0.0125f)
                                        .round()
                                        .maximum(-50)
                                        .minimum(FakeQuantize.LEVELS - 50)
                                        .mul(0.0125f)));
    }

    /** Returns 5 x, beyond the bounds of the hard functions. */
    private static Node scaled(Node x) {
        return node(new Scalar(Arithmetic.MULTIPLY, 5), x.shape(), x);
    }

    private static NDArray sigmoid(NDArray x) {
        return x.neg().exp().add(1).pow(-1);
    }

    static List<Arguments> arithmetics() {
        return Arrays.stream(Arithmetic.values())
                .map(
                        a ->
                                expect(
                                        a.toString(),
                                        x ->
                                                binary(
                                                        a,
                                                        node(new Scalar(a, 1.5), x.shape(), exp(x)),
                                                        x),
                                        x -> of(a, of(a, x.exp(), constant(x, 1.5)), x)))
                .toList();
    }

    private static NDArray constant(NDArray x, double value) {
        return x.getManager().create((float) value);
    }

    private static NDArray of(Arithmetic arithmetic, NDArray a, NDArray b) {
        return switch (arithmetic) {
            case ADD -> a.add(b);
            case SUBTRACT -> a.sub(b);
            case MULTIPLY -> a.mul(b);
            case DIVIDE -> a.div(b);
            case POWER -> a.pow(b);
            case MAXIMUM -> a.maximum(b);
            case MINIMUM -> a.minimum(b);
        };
    }

    static List<Arguments> aggregates() {
        Dims kept = Dims.of(N, 1, SIDE, 1);
        Dims dropped = Dims.of(N, SIDE);
        Dims pooled = Dims.of(N, CHANNELS, 2, 2);
        Dims one = Dims.of(N, CHANNELS, 1, 1);
        int[] axes = {1, 3};
        return List.of(
                expect(
                        "sum",
                        x -> node(new Reduce(Aggregate.SUM, List.of(1, 3), true), kept, x),
                        x -> x.sum(axes, true)),
                expect(
                        "mean",
                        x -> node(new Reduce(Aggregate.MEAN, List.of(1, 3), false), dropped, x),
                        x -> x.mean(axes, false)),
                expect(
                        "max",
                        x -> node(new Reduce(Aggregate.MAX, List.of(1, 3), false), dropped, x),
                        x -> x.max(axes, false)),
                expect(
                        "pad",
                        x ->
                                node(
                                        new Operation.Pad(new Shape(1, 0), new Shape(0, 2), -1.5),
                                        Dims.of(N, CHANNELS, SIDE + 1, SIDE + 2),
                                        x),
                        x -> Ops.of(x.getManager()).pad(x, new Shape(1, 0), new Shape(0, 2), -1.5)),
                expect(
                        "max pool",
                        x -> node(new Pool(Aggregate.MAX, WINDOW, TWO, ONE), pooled, x),
                        x -> x.getNDArrayInternal().maxPool(WINDOW, TWO, ONE, false)),
                expect(
                        "mean pool",
                        x -> node(new Pool(Aggregate.MEAN, WINDOW, TWO, ONE), pooled, x),
                        x -> x.getNDArrayInternal().avgPool(WINDOW, TWO, ONE, false, true)),
                expect(
                        "sum pool",
                        x -> node(new Pool(Aggregate.SUM, WINDOW, TWO, ONE), pooled, x),
                        x -> x.getNDArrayInternal().avgPool(WINDOW, TWO, ONE, false, true).mul(9)),
                expect(
                        "global max",
                        x -> node(new GlobalPool(Aggregate.MAX), one, x),
                        x -> x.max(new int[] {2, 3}, true)),
                expect(
                        "global mean",
                        x -> node(new GlobalPool(Aggregate.MEAN), one, x),
                        x -> x.mean(new int[] {2, 3}, true)),
                expect(
                        "global sum",
                        x -> node(new GlobalPool(Aggregate.SUM), one, x),
                        x -> x.sum(new int[] {2, 3}, true)));
    }

    static List<Arguments> arrangements() {
        Dims half = Dims.of(N, CHANNELS, SIDE, 2);
        Dims twice = Dims.of(N.times(2), CHANNELS, SIDE, SIDE);
        return List.of(
                expect(
                        "reshape",
                        x -> node(new Reshape(), Dims.of(N.times(2), 16), x),
                        x -> x.reshape(-1, 16)),
                expect(
                        "transpose",
                        x ->
                                node(
                                        new Transpose(List.of(1, 0, 3, 2)),
                                        Dims.of(CHANNELS).addAll(Dims.of(N, SIDE, SIDE)),
                                        x),
                        x -> x.transpose(1, 0, 3, 2)),
                expect(
                        "slice",
                        x -> node(new Slice(3, DimExpr.of(1), DimExpr.of(4), 2), half, x),
                        x -> x.get(":, :, :, 1:4:2")),
                expect(
                        "concatenation, of one's own batch in the end",
                        x -> {
                            Node both = node(new Concat(0), twice, x, exp(x));
                            return node(new Slice(0, N, N.times(2), 1), x.shape(), both);
                        },
                        NDArray::exp),
                expect(
                        "repetition of an axis",
                        x ->
                                node(
                                        new Repeat(2, DimExpr.of(3)),
                                        Dims.of(N, CHANNELS, 3 * SIDE, SIDE),
                                        x),
                        x -> x.repeat(2, 3)),
                expect(
                        "repetition of the batch",
                        x -> node(new Repeat(0, DimExpr.of(2)), twice, x),
                        x -> x.repeat(0, 2)),
                expect(
                        "expansion to the batch",
                        x -> {
                            Node row = constant(DataType.FLOAT32, Dims.of(1, 2), 3, 4);
                            Node rows = node(new Expand(), Dims.of(N, 2), row);
                            return node(
                                    new Concat(1),
                                    Dims.of(N, 34),
                                    rows,
                                    node(new Reshape(), Dims.of(N, 32), x));
                        },
                        x -> {
                            NDManager manager = x.getManager();
                            NDArray row = manager.create(new float[] {3, 4}, new Shape(1, 2));
                            return row.repeat(0, x.getShape().get(0)).concat(x.reshape(-1, 32), 1);
                        }),
                expect(
                        "fill of two batches",
                        x -> {
                            Node filled = node(new Fill(2.5), Dims.of(N.times(2), 16));
                            Node rows = node(new Reshape(), Dims.of(N.times(2), 16), x);
                            return binary(Arithmetic.ADD, rows, filled);
                        },
                        x -> x.reshape(-1, 16).add(2.5)),
                expect(
                        "cast",
                        x -> {
                            Node whole =
                                    new Node(new Cast(), List.of(x), x.shape(), DataType.INT64, "");
                            return new Node(
                                    new Cast(), List.of(whole), x.shape(), DataType.FLOAT32, "");
                        },
                        x -> x.toType(DataType.INT32, false).toType(DataType.FLOAT32, false)),
                expect(
                        "embedding",
                        x -> {
                            Node table = constant(DataType.FLOAT32, Dims.of(3, SIDE), TABLE);
                            Node ids = constant(DataType.FLOAT32, Dims.of(SIDE), 2, 0, 1, 2);
                            Node rows =
                                    new Node(
                                            new Operation.Embedding(),
                                            List.of(ids, table),
                                            Dims.of(SIDE, SIDE),
                                            DataType.FLOAT32,
                                            "");
                            return binary(Arithmetic.ADD, x, rows);
                        },
                        x -> {
                            double[] rows =
                                    IntStream.of(2, 0, 1, 2)
                                            .boxed()
                                            .flatMapToInt(i -> IntStream.range(4 * i, 4 * i + 4))
                                            .mapToDouble(i -> TABLE[i])
                                            .toArray();
                            Shape shape = new Shape(SIDE, SIDE);
                            return x.add(
                                    Tensors.create(x.getManager(), rows, shape, DataType.FLOAT32));
                        }));
    }

    static List<Arguments> products() {
        return List.of(
                expect(
                        "product",
                        x -> node(new Operation.Product(false), x.shape(), x, exp(x)),
                        x -> x.matMul(x.exp())),
                expect(
                        "product, transposed",
                        x -> node(new Operation.Product(true), x.shape(), x, exp(x)),
                        x -> x.matMul(x.exp().transpose(0, 1, 3, 2))),
                expect(
                        "linear",
                        x -> {
                            Node matrix = constant(DataType.FLOAT32, Dims.of(3, SIDE), TABLE);
                            Node bias = constant(DataType.FLOAT32, Dims.of(3), 1, -2, 3);
                            Dims shape = Dims.of(N, CHANNELS, SIDE, 3);
                            return node(new Operation.Linear(), shape, x, matrix, bias);
                        },
                        x -> {
                            NDManager manager = x.getManager();
                            NDArray matrix =
                                    Tensors.create(
                                            manager, TABLE, new Shape(3, SIDE), DataType.FLOAT32);
                            NDArray bias = manager.create(new float[] {1, -2, 3});
                            return x.reshape(-1, SIDE)
                                    .matMul(matrix.transpose())
                                    .add(bias)
                                    .reshape(-1, CHANNELS, SIDE, 3);
                        }),
                expect(
                        "attention",
                        x -> attention(x, false),
                        x -> attention(x, new float[SIDE * SIDE])),
                expect(
                        "causal attention",
                        x -> attention(x, true),
                        x -> {
                            float[] later = new float[SIDE * SIDE];
                            for (int i = 0; i < SIDE; i++) {
                                Arrays.fill(later, i * SIDE + i + 1, (i + 1) * SIDE, -1e9f);
                            }
                            return attention(x, later);
                        }));
    }

    private static Node attention(Node x, boolean causal) {
        Node rows = node(new Reshape(), Dims.of(N.times(2), SIDE, SIDE), x);
        Node bias = constant(DataType.FLOAT32, Dims.of(1, 1, SIDE), 1, 0, -1, 2);
        Attention operation = new Attention(0.3, causal, 0);
        return node(operation, rows.shape(), rows, exp(rows), rows, bias);
    }

    private static NDArray attention(NDArray x, float[] hidden) {
        NDManager manager = x.getManager();
        NDArray rows = x.reshape(-1, SIDE, SIDE);
        NDArray scores = rows.matMul(rows.exp().transpose(0, 2, 1)).mul(0.3);
        NDArray bias = manager.create(new float[] {1, 0, -1, 2}, new Shape(1, 1, SIDE));
        NDArray mask = manager.create(hidden, new Shape(1, SIDE, SIDE));
        return scores.add(bias).add(mask).softmax(2).matMul(rows);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"functions", "arithmetics", "aggregates", "arrangements", "products"})
    void computesTheSame(String name, UnaryOperator<Node> ours, UnaryOperator<NDArray> expected)
            throws Exception {
        Node data = node(new Leaf.Input("data"), Dims.of(N, CHANNELS, SIDE, SIDE));
        Graph graph = Graph.of(List.of(ours.apply(data)), List.of(), Map.of());
        Path file = folder.resolve("model.onnx");
        OnnxWriter.write(graph, path -> new float[0], file, OnnxWriter.Options.standard());
        try (Model model = Model.newInstance("model", "OnnxRuntime")) {
            model.load(file);
            try (Predictor<NDList, NDList> runtime = model.newPredictor(new NoopTranslator())) {
                for (int batch : new int[] {1, 3}) {
                    compare(batch, runtime, expected);
                }
            }
        }
    }

    private static void compare(
            int batch, Predictor<NDList, NDList> runtime, UnaryOperator<NDArray> expected)
            throws Exception {
        try (NDManager manager = Engines.backend(Engines.all().get(0)).newManager();
                NDManager other = NDManager.newBaseManager("OnnxRuntime")) {
            NDArray x = Tensors.random(manager, 7, batch, CHANNELS, SIDE, SIDE);
            NDArray wanted = expected.apply(x);
            NDArray given = other.create(x.toFloatArray(), x.getShape());
            NDArray found = runtime.predict(new NDList(given)).head();
            assertEquals(wanted.getShape(), found.getShape());
            Tensors.assertClose(
                    Tensors.values(wanted), Tensors.values(found), 1e-5, "batch " + batch);
        }
    }
}
