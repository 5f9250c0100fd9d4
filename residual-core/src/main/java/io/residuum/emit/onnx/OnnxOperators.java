package io.residuum.emit.onnx;

import static io.residuum.emit.onnx.OnnxTypes.attribute;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.residuum.engine.TransposedWindow;
import io.residuum.graph.DimExpr;
import io.residuum.graph.DynamicQuantize;
import io.residuum.graph.FakeQuantize;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Aggregate;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.OperationVisitor;
import io.residuum.graph.Resize;
import io.residuum.graph.TransposedConvolution;
import io.residuum.graph.WriteLast;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Writes the operators for one node; each method returns the name of the result. Functions that the
 * opset lacks are composed in the order that runtimes recognize and fuse.
 */
final class OnnxOperators implements OperationVisitor<String> {
    private final OnnxGraph onnx;
    private final OnnxWeights weights;
    private final Node node;
    private final List<String> in;
    private final String x;
    private final OnnxShapes shapes;

    /**
     * Creates a writer.
     *
     * @param onnx the graph under construction
     * @param weights the weights of the file
     * @param node the node to write
     * @param in the names of its operands
     */
    OnnxOperators(OnnxGraph onnx, OnnxWeights weights, Node node, List<String> in) {
        this.onnx = onnx;
        this.weights = weights;
        this.node = node;
        this.in = in;
        this.x = in.isEmpty() ? "" : in.get(0);
        this.shapes = new OnnxShapes(onnx, node);
    }

    private String call(String type, List<String> operands, AttributeProto... attributes) {
        return onnx.node(type, node.layer(), operands, attributes);
    }

    private String call(String type, String... operands) {
        return call(type, List.of(operands));
    }

    private String number(double value) {
        return onnx.constant(new double[] {value}, new long[0], node.type());
    }

    private String unsupported() {
        throw new IllegalArgumentException(
                ("an ONNX file needs a graph captured for inference, got %s%s: capture with"
                                + " training false, and write what Capture returns")
                        .formatted(
                                node.operation(),
                                node.layer().isEmpty() ? "" : " at " + node.layer()));
    }

    @Override
    public String leaf(Leaf leaf) {
        return leaf.fold(
                Leaf.Input::name,
                weight -> weights.read(onnx, node),
                prepared -> unsupported(),
                drawn -> unsupported(),
                constant -> {
                    long[] dims = node.shape().fixed().getShape();
                    return onnx.constant(constant.values(), dims, node.type());
                },
                fill -> filled(fill.value()));
    }

    private String filled(double value) {
        DataType type = OnnxTypes.stored(node.type());
        String sizes = onnx.sizes(node.shape().sizes());
        return onnx.typed(filled(sizes, value, type), node.layer(), type, node.type());
    }

    private String filled(String sizes, double value, DataType type) {
        TensorProto one = OnnxTypes.tensor(new double[] {value}, new long[] {1}, type);
        return call("ConstantOfShape", List.of(sizes), attribute("value", one));
    }

    @Override
    public String convolution(Operation.Convolution o) {
        return call(
                "Conv",
                in,
                attribute("kernel_shape", node.input(1).shape().slice(2).fixed().getShape()),
                attribute("strides", o.stride().getShape()),
                attribute("pads", OnnxTypes.bothSides(o.padding())),
                attribute("dilations", o.dilation().getShape()),
                attribute("group", (long) o.groups()));
    }

    @Override
    public String transposedConvolution(TransposedConvolution o) {
        TransposedWindow window = o.window();
        return call(
                "ConvTranspose",
                in,
                attribute("kernel_shape", node.input(1).shape().slice(2).fixed().getShape()),
                attribute("strides", window.stride().getShape()),
                attribute("pads", OnnxTypes.bothSides(window.padding())),
                attribute("output_padding", window.outputPadding().getShape()),
                attribute("dilations", window.dilation().getShape()),
                attribute("group", (long) window.groups()));
    }

    @Override
    public String fakeQuantize(FakeQuantize o) {
        return OnnxWeights.rounded(onnx, node, x, o);
    }

    /** Returns the float value: {@link OnnxWeights#product} rounds it for the layers that can. */
    @Override
    public String dynamicQuantize(DynamicQuantize o) {
        return x;
    }

    @Override
    public String resize(Resize o) {
        return shapes.resized(x, o.interpolation());
    }

    @Override
    public String linear(Operation.Linear o) {
        Node weight = node.input(1);
        String matrix = in.get(1);
        String product;
        if (weights.hasProduct(weight)) {
            product = weights.product(onnx, node, x, matrix);
        } else if (node.input(0).shape().dimension() == 2) {
            return call("Gemm", in, attribute("transB", 1L));
        } else {
            boolean stored = weights.isTransposed(weight);
            product = call("MatMul", x, stored ? matrix : transposeLast(matrix, 2));
        }
        return in.size() == 2 ? product : call("Add", product, in.get(2));
    }

    @Override
    public String product(Operation.Product o) {
        String right = in.get(1);
        int rank = node.input(1).shape().dimension();
        return call("MatMul", x, o.transposed() ? transposeLast(right, rank) : right);
    }

    /** Exchanges the last two axes. */
    private String transposeLast(String value, int rank) {
        long[] order = LongStream.range(0, rank).toArray();
        order[rank - 2] = rank - 1;
        order[rank - 1] = rank - 2;
        return call("Transpose", List.of(value), attribute("perm", order));
    }

    @Override
    public String attention(Operation.Attention o) {
        String scores = call("MatMul", x, transposeLast(in.get(1), 3));
        scores = call("Mul", scores, number(o.scale()));
        if (in.size() > 3) {
            scores = call("Add", scores, in.get(3));
        }
        if (o.causal()) {
            scores = call("Add", scores, causalMask());
        }
        String shares = call("Softmax", List.of(scores), attribute("axis", -1L));
        return call("MatMul", shares, in.get(2));
    }

    /** Returns a mask: minus infinity for the keys after a query, else 0. */
    private String causalMask() {
        DimExpr queries = node.input(0).shape().get(1);
        DimExpr keys = node.input(1).shape().get(1);
        String sizes = onnx.sizes(List.of(queries, keys));
        String all = filled(sizes, Double.NEGATIVE_INFINITY, DataType.FLOAT32);
        String first = onnx.constant(new double[] {1}, new long[0], DataType.INT64);
        String upper = call("Trilu", List.of(all, first), attribute("upper", 1L));
        return onnx.typed(upper, node.layer(), DataType.FLOAT32, node.type());
    }

    @Override
    public String batchNorm(Operation.BatchNorm o) {
        if (o.training()) {
            return unsupported();
        }
        return call("BatchNormalization", in, attribute("epsilon", (float) o.eps()));
    }

    @Override
    public String layerNorm(Operation.LayerNorm o) {
        AttributeProto eps = attribute("epsilon", (float) o.eps());
        return call("LayerNormalization", in, attribute("axis", -1L), eps);
    }

    @Override
    public String softmax(Operation.Softmax o) {
        return call("Softmax", in, attribute("axis", (long) o.axis()));
    }

    @Override
    public String pad(Operation.Pad o) {
        Shape none = new Shape(0, 0);
        Shape both = none.addAll(o.before()).addAll(none).addAll(o.after());
        String pads = onnx.sizes(both.getShape());
        return call("Pad", x, pads, number(o.value()));
    }

    @Override
    public String pool(Operation.Pool o) {
        AttributeProto kernel = attribute("kernel_shape", o.kernel().getShape());
        AttributeProto strides = attribute("strides", o.stride().getShape());
        AttributeProto pads = attribute("pads", OnnxTypes.bothSides(o.padding()));
        if (o.kind() == Aggregate.MAX) {
            return call("MaxPool", in, kernel, strides, pads);
        }
        AttributeProto padded = attribute("count_include_pad", 1L);
        String mean = call("AveragePool", in, kernel, strides, pads, padded);
        return o.kind() == Aggregate.MEAN ? mean : call("Mul", mean, number(o.kernel().size()));
    }

    @Override
    public String globalPool(Operation.GlobalPool o) {
        return switch (o.kind()) {
            case MAX -> call("GlobalMaxPool", in);
            case MEAN -> call("GlobalAveragePool", in);
            case SUM -> {
                int rank = node.shape().dimension();
                List<Integer> axes = IntStream.range(2, rank).boxed().toList();
                yield reduce(new Operation.Reduce(Aggregate.SUM, axes, true));
            }
        };
    }

    /** In this opset the axes are an operand of ReduceSum, but an attribute of the others. */
    @Override
    public String reduce(Operation.Reduce o) {
        long[] along = o.axes().stream().mapToLong(i -> i).toArray();
        AttributeProto kept = attribute("keepdims", o.keep() ? 1L : 0L);
        if (o.kind() == Aggregate.SUM) {
            return call("ReduceSum", List.of(x, onnx.sizes(along)), kept);
        }
        String type = o.kind() == Aggregate.MAX ? "ReduceMax" : "ReduceMean";
        return call(type, in, attribute("axes", along), kept);
    }

    @Override
    public String unary(Operation.Unary o) {
        AttributeProto alpha = attribute("alpha", (float) o.alpha());
        return switch (o.function()) {
            case RELU -> call("Relu", x);
            case SIGMOID -> call("Sigmoid", x);
            case TANH -> call("Tanh", x);
            case EXP -> call("Exp", x);
            case LOG -> call("Log", x);
            case SIN -> call("Sin", x);
            case COS -> call("Cos", x);
            case SQRT -> call("Sqrt", x);
            case SQUARE -> call("Mul", x, x);
            case NEGATE -> call("Neg", x);
            case GELU -> gelu();
            case GELU_TANH -> geluTanh();
            case SILU -> call("Mul", x, call("Sigmoid", x));
            case RELU6 -> call("Clip", x, number(0), number(6));
            case HARD_SIGMOID ->
                    call("HardSigmoid", in, attribute("alpha", 1 / 6f), attribute("beta", 0.5f));
            case HARD_SWISH -> call("HardSwish", x);
            case LEAKY_RELU -> call("LeakyRelu", in, alpha);
            case ELU -> call("Elu", in, alpha);
            case STOP_GRADIENT -> call("Identity", x);
        };
    }

    /** Computes x / 2 (1 + erf(x / sqrt(2))). */
    private String gelu() {
        String erf = call("Erf", call("Div", x, number(Math.sqrt(2))));
        String sum = call("Add", erf, number(1));
        return call("Mul", call("Mul", x, sum), number(0.5));
    }

    /** Computes x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
    private String geluTanh() {
        String cube = call("Pow", x, number(3));
        String cubic = call("Mul", cube, number(0.044715));
        String inner = call("Add", x, cubic);
        String scaled = call("Mul", inner, number(Math.sqrt(2 / Math.PI)));
        String sum = call("Add", call("Tanh", scaled), number(1));
        return call("Mul", call("Mul", x, number(0.5)), sum);
    }

    @Override
    public String scalar(Operation.Scalar o) {
        return call(type(o.arithmetic()), x, number(o.value()));
    }

    @Override
    public String binary(Operation.Binary o) {
        String second = onnx.typed(in.get(1), node.layer(), node.input(1).type(), node.type());
        return call(type(o.arithmetic()), x, second);
    }

    private static String type(Arithmetic arithmetic) {
        return switch (arithmetic) {
            case ADD -> "Add";
            case SUBTRACT -> "Sub";
            case MULTIPLY -> "Mul";
            case DIVIDE -> "Div";
            case POWER -> "Pow";
            case MAXIMUM -> "Max";
            case MINIMUM -> "Min";
        };
    }

    @Override
    public String cast(Operation.Cast o) {
        return onnx.typed(x, node.layer(), node.input(0).type(), node.type());
    }

    @Override
    public String reshape(Operation.Reshape o) {
        return shapes.reshaped(x, node.input(0).shape());
    }

    @Override
    public String expand(Operation.Expand o) {
        return shapes.expanded(x, node.input(0).shape(), node.shape());
    }

    @Override
    public String slice(Operation.Slice o) {
        return shapes.sliced(x, o);
    }

    @Override
    public String repeat(Operation.Repeat o) {
        return shapes.repeated(x, o);
    }

    @Override
    public String transpose(Operation.Transpose o) {
        long[] order = o.order().stream().mapToLong(i -> i).toArray();
        return call("Transpose", in, attribute("perm", order));
    }

    @Override
    public String concat(Operation.Concat o) {
        return call("Concat", in, attribute("axis", (long) o.axis()));
    }

    @Override
    public String embedding(Operation.Embedding o) {
        DataType type = node.input(0).type();
        DataType index = type == DataType.INT32 ? type : DataType.INT64;
        String ids = onnx.typed(x, node.layer(), type, index);
        return call("Gather", List.of(in.get(1), ids), attribute("axis", 0L));
    }

    @Override
    public String channelsLast(Operation.ChannelsLast o) {
        return x;
    }

    @Override
    public String dropout(Operation.Dropout o) {
        return unsupported();
    }

    @Override
    public String writeLast(WriteLast o) {
        String kept =
                call(
                        "Slice",
                        List.of(
                                x,
                                onnx.sizes(0),
                                onnx.sizes(-o.rows()),
                                onnx.sizes(1),
                                onnx.sizes(1)));
        return call("Concat", List.of(kept, in.get(1)), attribute("axis", 1L));
    }
}
