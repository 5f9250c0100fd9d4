package io.residuum.emit.onnx;

import ai.djl.ndarray.types.DataType;
import io.residuum.graph.DynamicQuantize;
import io.residuum.graph.FakeQuantize;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.weights.quantized.QuantizedFormat;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/** Decides how a file stores weights, and writes the operators that read them as floats. */
final class OnnxWeights {
    private final Map<String, OnnxWeight> stored = new LinkedHashMap<>();
    private final Function<String, float[]> values;

    /** The paths of weights that are multiplied as integers by rounded activations. */
    private final Set<String> integers = new HashSet<>();

    /** The levels, scale and zero of rounded activations, by the name of the float value. */
    private final Map<String, List<String>> rounded = new HashMap<>();

    /**
     * Decides for each weight.
     *
     * @param values the values of weights by path
     * @param formats the weights to store as integers, by path. One that has no integers of its
     *     format, or readers that cannot read them, is stored as float32
     */
    OnnxWeights(
            Graph graph, Function<String, float[]> values, Map<String, QuantizedFormat> formats) {
        this.values = values;
        Map<Node, List<Node>> readers = graph.readers();
        for (Node node : graph.nodes()) {
            if (node.operation() instanceof Leaf.Weight weight) {
                List<Node> by =
                        graph.outputs().contains(node)
                                ? List.of()
                                : readers.getOrDefault(node, List.of());
                QuantizedFormat format = formats.get(weight.path());
                if (format != null) {
                    boolean packed = format.bits() == 4;
                    boolean readable = !packed || isProduct(by, node, 0) && format.isPowerOfTwo();
                    boolean fits = format.fits(node.shape().fixed().getShape());
                    format = readable && fits ? format : null;
                }
                boolean grouped = format != null && format.group() > 0;
                String path = weight.path();
                boolean integer =
                        format != null
                                && format.equals(QuantizedFormat.PER_OUTPUT)
                                && isProduct(by, node, 0)
                                && by.stream().allMatch(OnnxWeights::readsRounded);
                if (integer) {
                    integers.add(path);
                }
                boolean transposed = integer || !grouped && isProduct(by, node, 3);
                stored.put(path, new OnnxWeight(path, node.shape().fixed(), transposed, format));
            }
        }
    }

    /** Returns true if only linear layers on inputs of some rank use a matrix, as weights. */
    private static boolean isProduct(List<Node> readers, Node matrix, int rank) {
        return !readers.isEmpty()
                && readers.stream()
                        .allMatch(
                                reader ->
                                        reader.operation() instanceof Operation.Linear
                                                && reader.inputs().indexOf(matrix) == 1
                                                && reader.inputs().lastIndexOf(matrix) == 1
                                                && reader.input(0).shape().dimension() >= rank);
    }

    private static boolean readsRounded(Node linear) {
        return linear.input(0).operation() instanceof DynamicQuantize;
    }

    /** Returns the weights in order of use. */
    Collection<OnnxWeight> all() {
        return stored.values();
    }

    private OnnxWeight get(Node node) {
        return Objects.requireNonNull(stored.get(((Leaf.Weight) node.operation()).path()));
    }

    /** Returns true for a matrix that the file stores transposed. */
    boolean isTransposed(Node matrix) {
        return matrix.operation() instanceof Leaf.Weight && get(matrix).transposed();
    }

    /** Returns true for a matrix of integers that {@link #product} multiplies. */
    boolean hasProduct(Node matrix) {
        return matrix.operation() instanceof Leaf.Weight weight
                && (get(matrix).isPacked() || integers.contains(weight.path()));
    }

    /** Returns the name of a weight as floats; of its integers if {@link #product} reads them. */
    String read(OnnxGraph onnx, Node node) {
        OnnxWeight weight = get(node);
        QuantizedFormat format = weight.format();
        if (format == null) {
            return onnx.typed(weight.path(), node.layer(), DataType.FLOAT32, node.type());
        }
        if (hasProduct(node)) {
            return weight.path();
        }
        double[] scales = weight.scales(values);
        long[] dims = {scales.length};
        String read =
                onnx.node(
                        "DequantizeLinear",
                        node.layer(),
                        List.of(
                                weight.path(),
                                scales(onnx, scales),
                                onnx.constant(
                                        OnnxTypes.tensor(
                                                new double[scales.length], dims, DataType.INT8))),
                        OnnxTypes.attribute("axis", weight.transposed() ? 1L : 0L));
        if (format.group() > 0) {
            read = ungrouped(onnx, node, read);
        }
        return onnx.typed(read, node.layer(), DataType.FLOAT32, node.type());
    }

    /** Returns groups as the weight that they are, without the zeros that fill them. */
    private String ungrouped(OnnxGraph onnx, Node node, String groups) {
        OnnxWeight weight = get(node);
        long rows = weight.shape().get(0);
        long columns = weight.shape().size() / rows;
        String layer = node.layer();
        String matrix = groups;
        if (columns % weight.group() != 0) {
            String wide = onnx.sizes(rows, -1);
            matrix = onnx.node("Reshape", layer, List.of(matrix, wide));
            matrix =
                    onnx.node(
                            "Slice",
                            layer,
                            List.of(matrix, onnx.sizes(0), onnx.sizes(columns), onnx.sizes(1)));
        }
        String shape = onnx.sizes(weight.shape().getShape());
        return onnx.node("Reshape", layer, List.of(matrix, shape));
    }

    private static String scales(OnnxGraph onnx, double[] scales) {
        return onnx.constant(
                OnnxTypes.tensor(scales, new long[] {scales.length}, DataType.FLOAT32));
    }

    /** Returns the product of an input and a matrix of integers. */
    String product(OnnxGraph onnx, Node node, String x, String matrix) {
        OnnxWeight weight = get(node.input(1));
        String scales = scales(onnx, weight.scales(values));
        if (weight.isPacked()) {
            return packedProduct(onnx, node, List.of(x, matrix, scales));
        }
        String layer = node.layer();
        List<String> levels =
                rounded.computeIfAbsent(
                        x, v -> onnx.results("DynamicQuantizeLinear", layer, List.of(v), 3));
        String sums =
                onnx.node("MatMulInteger", layer, List.of(levels.get(0), matrix, levels.get(2)));
        String scale = onnx.node("Mul", layer, List.of(levels.get(1), scales));
        String floats = onnx.typed(sums, layer, DataType.INT32, DataType.FLOAT32);
        return onnx.node("Mul", layer, List.of(floats, scale));
    }

    /** Returns the product with a packed matrix, by an operator of onnxruntime. */
    private String packedProduct(OnnxGraph onnx, Node node, List<String> operands) {
        OnnxWeight weight = get(node.input(1));
        return onnx.contributed(
                "MatMulNBits",
                node.layer(),
                operands,
                OnnxTypes.attribute("K", weight.shape().get(1)),
                OnnxTypes.attribute("N", weight.shape().get(0)),
                OnnxTypes.attribute("bits", 4L),
                OnnxTypes.attribute("block_size", (long) weight.group()));
    }

    /** Returns the name of an activation, rounded to 8 bits. */
    static String rounded(OnnxGraph onnx, Node node, String x, FakeQuantize o) {
        long[] scalar = {};
        String scale =
                onnx.constant(OnnxTypes.tensor(new double[] {o.scale()}, scalar, DataType.FLOAT32));
        String zero =
                onnx.constant(
                        OnnxTypes.tensor(new double[] {o.zeroPoint()}, scalar, DataType.UINT8));
        String levels = onnx.node("QuantizeLinear", node.layer(), List.of(x, scale, zero));
        return onnx.node("DequantizeLinear", node.layer(), List.of(levels, scale, zero));
    }
}
