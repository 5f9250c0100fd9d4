package io.residuum.emit.onnx;

import static io.residuum.emit.onnx.OnnxTypes.attribute;

import ai.djl.ndarray.types.DataType;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Convolutions, matrix products and attention. */
final class OnnxProducts implements Operators {
    private final OnnxGraph onnx;
    private final Set<String> transposed;

    /**
     * Prepares.
     *
     * @param onnx the graph that grows
     * @param transposed the paths of the matrices that are stored transposed
     */
    OnnxProducts(OnnxGraph onnx, Set<String> transposed) {
        this.onnx = onnx;
        this.transposed = transposed;
    }

    /** Whether a node reads a matrix as the second operand of a product of sequences. */
    static boolean ofSequences(Node reader, Node matrix) {
        List<Node> operands = reader.inputs();
        return reader.operation() instanceof Operation.Linear
                && operands.indexOf(matrix) == 1
                && operands.lastIndexOf(matrix) == 1
                && operands.get(0).shape().dimension() > 2;
    }

    @Override
    public @Nullable String of(Node node, List<String> operands) {
        Operation operation = node.operation();
        if (operation instanceof Operation.Convolution c) {
            return onnx.node(
                    "Conv",
                    node.layer(),
                    operands,
                    attribute("kernel_shape", node.input(1).shape().slice(2).getShape()),
                    attribute("strides", c.stride().getShape()),
                    attribute("pads", OnnxTypes.bothSides(c.padding())),
                    attribute("dilations", c.dilation().getShape()),
                    attribute("group", (long) c.groups()));
        }
        if (operation instanceof Operation.Linear) {
            return linear(node, operands);
        }
        if (operation instanceof Operation.Product p) {
            String left = operands.get(0);
            String right = operands.get(1);
            int rank = node.input(1).shape().dimension();
            return product(node, left, p.transposed() ? swapped(node, right, rank) : right);
        }
        return operation instanceof Operation.Attention a ? attention(node, operands, a) : null;
    }

    private String product(Node node, String left, String right) {
        return onnx.node("MatMul", node.layer(), List.of(left, right));
    }

    /** The last two axes exchanged. */
    private String swapped(Node node, String value, int rank) {
        long[] order = LongStream.range(0, rank).toArray();
        order[rank - 2] = rank - 1;
        order[rank - 1] = rank - 2;
        return onnx.node("Transpose", node.layer(), List.of(value), attribute("perm", order));
    }

    private String linear(Node node, List<String> operands) {
        if (node.input(0).shape().dimension() == 2) {
            return onnx.node("Gemm", node.layer(), operands, attribute("transB", 1L));
        }
        boolean stored =
                node.input(1).operation() instanceof Operation.Weight weight
                        && transposed.contains(weight.path());
        String matrix = stored ? operands.get(1) : swapped(node, operands.get(1), 2);
        String product = product(node, operands.get(0), matrix);
        return operands.size() == 2
                ? product
                : onnx.node("Add", node.layer(), List.of(product, operands.get(2)));
    }

    private String attention(Node node, List<String> operands, Operation.Attention a) {
        String layer = node.layer();
        String scores = product(node, operands.get(0), swapped(node, operands.get(1), 3));
        String scale = onnx.constant(new double[] {a.scale()}, new long[0], node.type());
        scores = onnx.node("Mul", layer, List.of(scores, scale));
        if (operands.size() > 3) {
            scores = onnx.node("Add", layer, List.of(scores, operands.get(3)));
        }
        if (a.causal()) {
            scores = onnx.node("Add", layer, List.of(scores, later(node)));
        }
        String shares = onnx.node("Softmax", layer, List.of(scores), attribute("axis", -1L));
        return product(node, shares, operands.get(2));
    }

    /** Minus infinity for the keys behind a query, 0 for the others. */
    private String later(Node node) {
        long queries = node.input(0).shape().get(1);
        long keys = node.input(1).shape().get(1);
        double[] infinity = {Double.NEGATIVE_INFINITY};
        String all =
                onnx.node(
                        "ConstantOfShape",
                        node.layer(),
                        List.of(onnx.sizes(queries, keys)),
                        attribute(
                                "value",
                                OnnxTypes.tensor(infinity, new long[] {1}, DataType.FLOAT32)));
        String first = onnx.constant(new double[] {1}, new long[0], DataType.INT64);
        String upper =
                onnx.node("Trilu", node.layer(), List.of(all, first), attribute("upper", 1L));
        return onnx.typed(upper, node.layer(), DataType.FLOAT32, node.type());
    }
}
