package io.residuum.graph.rewrite;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation.Reshape;
import io.residuum.graph.Operation.Transpose;
import java.util.List;

/**
 * Replaces transposes that move only axes of size 1 with reshapes, and merges consecutive reshapes.
 * Splitting and merging heads yields both in a step of text generation, which reads one token.
 */
public final class MergeReshapes implements Pass {
    private static final DimExpr ONE = DimExpr.of(1);

    @Override
    public Graph apply(Graph graph) {
        return graph.map(MergeReshapes::merged);
    }

    private static Node merged(Node node) {
        boolean reshapes =
                node.operation() instanceof Reshape
                        || node.operation() instanceof Transpose t && keepsOrder(t, node.input(0));
        if (!reshapes || !isInferable(node.shape())) {
            return node;
        }
        Node from = node.input(0);
        if (from.operation() instanceof Reshape) {
            from = from.input(0);
        }
        return from.shape().equals(node.shape())
                ? from
                : new Node(new Reshape(), List.of(from), node.shape(), node.type(), node.layer());
    }

    /** Returns true if a reshape can leave one size open, so that nothing reads sizes. */
    private static boolean isInferable(Dims shape) {
        return shape.sizes().stream().filter(size -> !size.isFixed()).count() <= 1;
    }

    private static boolean keepsOrder(Transpose transpose, Node from) {
        List<Integer> moved =
                transpose.order().stream().filter(i -> !from.shape().get(i).equals(ONE)).toList();
        return moved.equals(moved.stream().sorted().toList());
    }
}
