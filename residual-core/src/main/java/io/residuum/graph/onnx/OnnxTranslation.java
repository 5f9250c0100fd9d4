package io.residuum.graph.onnx;

import static io.residuum.graph.onnx.OnnxTypes.attribute;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import io.residuum.graph.Capture;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Aggregate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A graph's nodes as operators of opset {@value #OPSET}. */
final class OnnxTranslation {
    /** The first with layer normalization. */
    static final int OPSET = 17;

    /** What IR version that opset came with. */
    static final int IR_VERSION = 8;

    private final OnnxGraph onnx = new OnnxGraph();
    private final OnnxFunctions functions = new OnnxFunctions(onnx);
    private final OnnxArrangements arrangements = new OnnxArrangements(onnx);
    private final Map<Node, String> values = new IdentityHashMap<>();
    private final List<OnnxWeight> weights = new ArrayList<>();
    private final Set<String> columns = new HashSet<>();

    private OnnxTranslation() {}

    /**
     * Translates all of a graph.
     *
     * @param outputs the names of its results
     */
    static OnnxTranslation of(Graph graph, List<String> outputs) {
        OnnxTranslation translation = new OnnxTranslation();
        translation.translate(graph, outputs);
        return translation;
    }

    OnnxGraph onnx() {
        return onnx;
    }

    /** The weights, which the graph itself lacks, in order of use. */
    List<OnnxWeight> weights() {
        return List.copyOf(weights);
    }

    private void translate(Graph graph, List<String> outputs) {
        graph.inputs().keySet().forEach(onnx::reserve);
        graph.weights().forEach(onnx::reserve);
        outputs.forEach(onnx::reserve);
        Map<String, Node> inputs = new LinkedHashMap<>(graph.inputs());
        Node data = inputs.remove(Capture.DATA);
        if (data != null) {
            onnx.input(OnnxTypes.described(Capture.DATA, data));
        }
        inputs.forEach((name, node) -> onnx.input(OnnxTypes.described(name, node)));
        collectWeights(graph);
        for (Node node : graph.nodes()) {
            values.put(node, translated(node));
        }
        for (int i = 0; i < outputs.size(); i++) {
            Node result = graph.outputs().get(i);
            onnx.output(value(result), OnnxTypes.described(outputs.get(i), result));
        }
    }

    /** What only products of more than two axes read is stored the way around that they want. */
    private void collectWeights(Graph graph) {
        Map<Node, List<Node>> readers = graph.readers();
        Set<String> untouched = new HashSet<>();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            if (node.operation() instanceof Operation.Weight weight) {
                shapes.put(weight.path(), node.shape());
                List<Node> by = readers.getOrDefault(node, List.of());
                if (by.isEmpty() || !by.stream().allMatch(reader -> multiplies(reader, node))) {
                    untouched.add(weight.path());
                }
            }
        }
        shapes.forEach(
                (path, shape) -> {
                    boolean transposed = !untouched.contains(path);
                    weights.add(new OnnxWeight(path, shape, transposed));
                    if (transposed) {
                        columns.add(path);
                    }
                });
    }

    private static boolean multiplies(Node reader, Node weight) {
        return reader.operation() instanceof Operation.Linear
                && reader.input(0) != weight
                && reader.input(1) == weight
                && reader.input(0).shape().dimension() > 2;
    }

    private String value(Node node) {
        String value = values.get(node);
        if (value == null) {
            throw new IllegalStateException("not in the graph's order: " + node);
        }
        return value;
    }

    private List<String> operands(Node node) {
        return node.inputs().stream().map(this::value).toList();
    }

    private String translated(Node node) {
        Operation operation = node.operation();
        if (operation.isLeaf()) {
            return leaf(node);
        }
        if (operation instanceof Operation.Convolution c) {
            return convolution(node, c);
        }
        if (operation instanceof Operation.Linear) {
            return linear(node);
        }
        if (operation instanceof Operation.Product p) {
            String right = value(node.input(1));
            if (p.transposed()) {
                right =
                        arrangements.swapped(
                                right, node.input(1).shape().dimension(), node.layer());
            }
            return onnx.node("MatMul", node.layer(), List.of(value(node.input(0)), right));
        }
        if (operation instanceof Operation.Attention a) {
            return attention(node, a);
        }
        if (operation instanceof Operation.BatchNorm b && !b.training()) {
            return onnx.node(
                    "BatchNormalization",
                    node.layer(),
                    operands(node),
                    attribute("epsilon", (float) b.eps()));
        }
        if (operation instanceof Operation.LayerNorm l) {
            return onnx.node(
                    "LayerNormalization",
                    node.layer(),
                    operands(node),
                    attribute("axis", -1L),
                    attribute("epsilon", (float) l.eps()));
        }
        if (operation instanceof Operation.Softmax s) {
            return onnx.node(
                    "Softmax", node.layer(), operands(node), attribute("axis", (long) s.axis()));
        }
        if (operation instanceof Operation.Pool p) {
            return pool(node, p);
        }
        if (operation instanceof Operation.GlobalPool g) {
            return globalPool(node, g);
        }
        if (operation instanceof Operation.Reduce r) {
            return reduced(node, r.kind(), r.axes(), r.keep());
        }
        if (operation instanceof Operation.Unary u) {
            return functions.unary(node, value(node.input(0)), u);
        }
        if (operation instanceof Operation.Scalar s) {
            String number = onnx.constant(new double[] {s.value()}, new long[0], node.type());
            return functions.binary(node, s.arithmetic(), value(node.input(0)), number);
        }
        if (operation instanceof Operation.Binary b) {
            return functions.binary(
                    node, b.arithmetic(), value(node.input(0)), typed(node.input(1), node.type()));
        }
        if (operation instanceof Operation.Embedding) {
            DataType ids = node.input(0).type();
            String index = typed(node.input(0), ids == DataType.INT32 ? ids : DataType.INT64);
            return onnx.node(
                    "Gather",
                    node.layer(),
                    List.of(value(node.input(1)), index),
                    attribute("axis", 0L));
        }
        if (operation instanceof Operation.Cast) {
            return onnx.cast(value(node.input(0)), node.layer(), node.type());
        }
        String arranged = arrangements.of(node, operands(node));
        if (arranged == null) {
            throw refused(node);
        }
        return arranged;
    }

    private static IllegalArgumentException refused(Node node) {
        return new IllegalArgumentException(
                "a graph must be as captured for inference to become an ONNX file, found "
                        + node.operation()
                        + (node.layer().isEmpty() ? "" : " at " + node.layer())
                        + ": capture with training false, and write what Capture returns");
    }

    private String leaf(Node node) {
        Operation operation = node.operation();
        long[] dims = node.shape().getShape();
        if (operation instanceof Operation.Input input) {
            return input.name();
        }
        if (operation instanceof Operation.Weight weight) {
            return node.type() == DataType.FLOAT32
                    ? weight.path()
                    : onnx.cast(weight.path(), node.layer(), node.type());
        }
        if (operation instanceof Operation.Constant constant) {
            return onnx.constant(constant.values(), dims, node.type());
        }
        if (operation instanceof Operation.Fill fill) {
            DataType stored = OnnxTypes.stored(node.type());
            var one = OnnxTypes.tensor(new double[] {fill.value()}, new long[] {1}, stored);
            String filled =
                    onnx.node(
                            "ConstantOfShape",
                            node.layer(),
                            List.of(onnx.sizes(dims)),
                            attribute("value", one));
            return stored == node.type() ? filled : onnx.cast(filled, node.layer(), node.type());
        }
        throw refused(node);
    }

    /** A node's value in a type. */
    private String typed(Node node, DataType type) {
        return node.type() == type ? value(node) : onnx.cast(value(node), node.layer(), type);
    }

    private String convolution(Node node, Operation.Convolution c) {
        long[] kernel = node.input(1).shape().slice(2).getShape();
        return onnx.node(
                "Conv",
                node.layer(),
                operands(node),
                attribute("kernel_shape", kernel),
                attribute("strides", c.stride().getShape()),
                attribute("pads", bothSides(c.padding())),
                attribute("dilations", c.dilation().getShape()),
                attribute("group", (long) c.groups()));
    }

    /** Top, left, bottom, right. */
    private static long[] bothSides(Shape padding) {
        return new long[] {padding.get(0), padding.get(1), padding.get(0), padding.get(1)};
    }

    private String linear(Node node) {
        if (node.input(0).shape().dimension() == 2) {
            return onnx.node("Gemm", node.layer(), operands(node), attribute("transB", 1L));
        }
        Node weight = node.input(1);
        String right = value(weight);
        boolean stored =
                weight.operation() instanceof Operation.Weight w && columns.contains(w.path());
        if (!stored) {
            right = arrangements.swapped(right, 2, node.layer());
        }
        String product = onnx.node("MatMul", node.layer(), List.of(value(node.input(0)), right));
        return node.inputs().size() == 2
                ? product
                : onnx.node("Add", node.layer(), List.of(product, value(node.input(2))));
    }

    private String attention(Node node, Operation.Attention a) {
        String layer = node.layer();
        String keys = arrangements.swapped(value(node.input(1)), 3, layer);
        String scores = onnx.node("MatMul", layer, List.of(value(node.input(0)), keys));
        String scale = onnx.constant(new double[] {a.scale()}, new long[0], node.type());
        scores = onnx.node("Mul", layer, List.of(scores, scale));
        if (node.inputs().size() > 3) {
            scores = onnx.node("Add", layer, List.of(scores, value(node.input(3))));
        }
        if (a.causal()) {
            String later = later(node.input(0).shape().get(1), node.input(1).shape().get(1), node);
            scores = onnx.node("Add", layer, List.of(scores, later));
        }
        String shares = onnx.node("Softmax", layer, List.of(scores), attribute("axis", -1L));
        return onnx.node("MatMul", layer, List.of(shares, value(node.input(2))));
    }

    /** Minus infinity for the keys behind a query, 0 for the others. */
    private String later(long queries, long keys, Node node) {
        var infinity =
                OnnxTypes.tensor(
                        new double[] {Double.NEGATIVE_INFINITY}, new long[] {1}, DataType.FLOAT32);
        String all =
                onnx.node(
                        "ConstantOfShape",
                        node.layer(),
                        List.of(onnx.sizes(queries, keys)),
                        attribute("value", infinity));
        String first = onnx.constant(new double[] {1}, new long[0], DataType.INT64);
        String upper =
                onnx.node("Trilu", node.layer(), List.of(all, first), attribute("upper", 1L));
        return node.type() == DataType.FLOAT32
                ? upper
                : onnx.cast(upper, node.layer(), node.type());
    }

    private String pool(Node node, Operation.Pool p) {
        AttributeProto kernel = attribute("kernel_shape", p.kernel().getShape());
        AttributeProto strides = attribute("strides", p.stride().getShape());
        AttributeProto pads = attribute("pads", bothSides(p.padding()));
        List<String> operands = operands(node);
        if (p.kind() == Aggregate.MAX) {
            return onnx.node("MaxPool", node.layer(), operands, kernel, strides, pads);
        }
        AttributeProto padded = attribute("count_include_pad", 1L);
        String mean =
                onnx.node("AveragePool", node.layer(), operands, kernel, strides, pads, padded);
        if (p.kind() == Aggregate.MEAN) {
            return mean;
        }
        String places = onnx.constant(new double[] {p.kernel().size()}, new long[0], node.type());
        return onnx.node("Mul", node.layer(), List.of(mean, places));
    }

    private String globalPool(Node node, Operation.GlobalPool g) {
        return switch (g.kind()) {
            case MAX -> onnx.node("GlobalMaxPool", node.layer(), operands(node));
            case MEAN -> onnx.node("GlobalAveragePool", node.layer(), operands(node));
            case SUM -> reduced(node, Aggregate.SUM, List.of(2, 3), true);
        };
    }

    /** At this opset the axes of a sum are an operand, those of the others an attribute. */
    private String reduced(Node node, Aggregate kind, List<Integer> axes, boolean keep) {
        long[] along = axes.stream().mapToLong(i -> i).toArray();
        AttributeProto kept = attribute("keepdims", keep ? 1L : 0L);
        String value = value(node.input(0));
        if (kind == Aggregate.SUM) {
            List<String> operands = List.of(value, onnx.sizes(along));
            return onnx.node("ReduceSum", node.layer(), operands, kept);
        }
        return onnx.node(
                kind == Aggregate.MAX ? "ReduceMax" : "ReduceMean",
                node.layer(),
                List.of(value),
                attribute("axes", along),
                kept);
    }
}
