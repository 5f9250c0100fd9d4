package io.residuum.emit.onnx;

import ai.djl.ndarray.types.DataType;
import io.residuum.graph.FakeQuantize;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.weights.quantized.QuantizedFormat;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** Decides how a file stores weights, and writes the operators that read them as floats. */
final class OnnxWeights {
    private final Map<String, OnnxWeight> stored = new LinkedHashMap<>();
    private final Function<String, float[]> values;

    /**
     * Decides for each weight.
     *
     * @param graph the graph
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
                boolean transposed = !grouped && isProduct(by, node, 3);
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

    /** Returns true for a matrix of which the file stores two integers a byte. */
    boolean isPacked(Node matrix) {
        return matrix.operation() instanceof Leaf.Weight && get(matrix).isPacked();
    }

    /** Returns the name of a weight as floats; of its bytes if it is packed. */
    String read(OnnxGraph onnx, Node node) {
        OnnxWeight weight = get(node);
        QuantizedFormat format = weight.format();
        if (format == null) {
            return onnx.typed(weight.path(), node.layer(), DataType.FLOAT32, node.type());
        }
        if (weight.isPacked()) {
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
            String shape = onnx.sizes(weight.shape().getShape());
            read = onnx.node("Reshape", node.layer(), List.of(read, shape));
        }
        return onnx.typed(read, node.layer(), DataType.FLOAT32, node.type());
    }

    private static String scales(OnnxGraph onnx, double[] scales) {
        return onnx.constant(
                OnnxTypes.tensor(scales, new long[] {scales.length}, DataType.FLOAT32));
    }

    /** Returns the product of an input and a packed matrix, by an operator of onnxruntime. */
    String packedProduct(OnnxGraph onnx, Node node, String x, String matrix) {
        OnnxWeight weight = get(node.input(1));
        List<String> operands = new ArrayList<>(List.of(x, matrix));
        operands.add(scales(onnx, weight.scales(values)));
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
