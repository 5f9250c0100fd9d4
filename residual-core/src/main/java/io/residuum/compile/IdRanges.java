package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.residuum.engine.Ops;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.SymbolicDim;
import io.residuum.graph.trace.Capture;
import io.residuum.nn.Ids;
import java.util.ArrayList;
import java.util.List;

/**
 * The inputs of a graph that are ids, with the size of the table that each is looked up in. A
 * program has no layers that would check them.
 */
final class IdRanges {
    private record Range(String input, DimExpr rows) {}

    private final List<Range> ranges = new ArrayList<>();

    IdRanges(Graph graph) {
        for (Node node : graph.nodes()) {
            if (node.operation() instanceof Operation.Embedding
                    && source(node.input(0)).operation() instanceof Leaf.Input ids) {
                ranges.add(new Range(ids.name(), node.input(1).shape().get(0)));
            }
        }
    }

    /** Follows operations that move ids without changing them. */
    private static Node source(Node ids) {
        Operation operation = ids.operation();
        boolean moves =
                operation instanceof Operation.Cast
                        || operation instanceof Operation.Reshape
                        || operation instanceof Operation.Transpose
                        || operation instanceof Operation.Expand
                        || operation instanceof Operation.Repeat
                        || operation instanceof Operation.Slice;
        return moves ? source(ids.input(0)) : ids;
    }

    /**
     * Requires that ids are in the range of their tables.
     *
     * @param inputs the first input, then others by name
     * @throws IllegalArgumentException as {@link Ids#require}
     */
    void require(Ops ops, NDList inputs) {
        for (Range range : ranges) {
            boolean first = range.input.equals(Capture.DATA);
            for (NDArray ids : first ? inputs.subNDList(0, 1) : inputs.subNDList(1)) {
                if (first || range.input.equals(ids.getName())) {
                    Ids.require(
                            ops, first ? "tokens" : range.input, ids, rows(range, inputs.head()));
                }
            }
        }
    }

    /** Returns the size of a table; that of computed positions is the length of the sequence. */
    private static long rows(Range range, NDArray first) {
        DimExpr rows = range.rows;
        return rows.symbols().equals(List.of(SymbolicDim.LENGTH))
                ? Math.multiplyExact(rows.factor(), first.getShape().get(1))
                : rows.value();
    }
}
