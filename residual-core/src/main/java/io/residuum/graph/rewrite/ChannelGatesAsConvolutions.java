package io.residuum.graph.rewrite;

import ai.djl.ndarray.types.Shape;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Replaces linear layers between the means of channels and a factor for each channel, as in squeeze
 * and excitation (Hu et al. 2018), by 1x1 convolutions of one pixel. The values are the same. A
 * runtime that keeps images in blocks of channels then changes no layout on the way.
 */
public final class ChannelGatesAsConvolutions implements Pass {
    private static final Shape ONE = new Shape(1, 1);
    private static final Shape ZERO = new Shape(0, 0);

    @Override
    public Graph apply(Graph graph) {
        return graph.map(
                node -> {
                    boolean ends = isReshape(node, 2) && isPixel(node.shape());
                    Node image = ends ? image(node.input(0), new IdentityHashMap<>()) : null;
                    return image == null || !image.shape().equals(node.shape()) ? node : image;
                });
    }

    /** Returns true for a reshape of a value of some rank. */
    private static boolean isReshape(Node node, int rank) {
        return node.operation() instanceof Operation.Reshape
                && node.input(0).shape().dimension() == rank;
    }

    private static boolean isPixel(Dims shape) {
        DimExpr one = DimExpr.of(1);
        return shape.dimension() == 4 && shape.get(2).equals(one) && shape.get(3).equals(one);
    }

    /**
     * Returns a matrix of rows and channels as images of one pixel; null if it does not begin so.
     */
    private static @Nullable Node image(Node node, Map<Node, Node> known) {
        Node found = known.get(node);
        if (found == null) {
            found = found(node, known);
            if (found != null) {
                known.put(node, found);
            }
        }
        return found;
    }

    private static @Nullable Node found(Node node, Map<Node, Node> known) {
        Operation operation = node.operation();
        if (isReshape(node, 4) && isPixel(node.input(0).shape())) {
            // Groups of channels as rows are no images.
            return node.shape().equals(node.input(0).shape().slice(0, 2)) ? node.input(0) : null;
        }
        boolean elementwise =
                operation instanceof Operation.Unary
                        || operation instanceof Operation.Scalar
                        || operation instanceof Operation.Binary;
        boolean linear = operation instanceof Operation.Linear;
        if (!elementwise && !linear || node.shape().dimension() != 2) {
            return null;
        }
        Node first = image(node.input(0), known);
        if (first == null) {
            return null;
        }
        if (linear) {
            Node weight = node.input(1);
            Node kernel = node(new Operation.Reshape(), List.of(weight), weight);
            List<Node> inputs =
                    node.inputs().size() == 2
                            ? List.of(first, kernel)
                            : List.of(first, kernel, node.input(2));
            return node(new Operation.Convolution(ONE, ZERO, ONE, 1), inputs, node);
        }
        if (node.inputs().size() == 1) {
            return node(operation, List.of(first), node);
        }
        boolean even = node.input(1).shape().equals(node.input(0).shape());
        Node second = even ? image(node.input(1), known) : null;
        return second == null ? null : node(operation, List.of(first, second), node);
    }

    /** Returns an operation whose result is that of a matrix with two more axes of one. */
    private static Node node(Operation operation, List<Node> inputs, Node matrix) {
        Dims shape = matrix.shape().add(DimExpr.of(1)).add(DimExpr.of(1));
        return new Node(operation, inputs, shape, matrix.type(), matrix.layer());
    }
}
