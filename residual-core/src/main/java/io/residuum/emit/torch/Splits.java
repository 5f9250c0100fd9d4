package io.residuum.emit.torch;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Slices that together cover a value, such as queries, keys and values. One split operation
 * concatenates their gradients. Single slices would each write a gradient into zeros of the full
 * size, and add them up.
 */
final class Splits {

    /**
     * One part of a split node.
     *
     * @param whole the node that is split
     * @param axis the axis of the split
     * @param sizes the sizes of all parts
     * @param index the index of this part
     */
    record Part(Node whole, int axis, List<Long> sizes, int index) {}

    private final Map<Node, Part> parts = new IdentityHashMap<>();

    /** Finds all groups of slices in a graph. */
    static Splits of(Graph graph) {
        Splits splits = new Splits();
        graph.readers()
                .forEach(
                        (whole, readers) ->
                                readers.stream()
                                        .filter(Splits::isPlain)
                                        .collect(Collectors.groupingBy(n -> slice(n).axis()))
                                        .forEach((axis, cut) -> splits.add(whole, axis, cut)));
        return splits;
    }

    /** Returns a node as a part of a split; null if it is none. */
    @Nullable Part at(Node node) {
        return parts.get(node);
    }

    private void add(Node whole, int axis, List<Node> cut) {
        List<Node> ordered = new ArrayList<>(cut);
        ordered.sort(Comparator.comparingLong(n -> slice(n).from().value()));
        List<Long> sizes = new ArrayList<>();
        long end = 0;
        for (Node node : ordered) {
            if (slice(node).from().value() != end) {
                return;
            }
            long to = slice(node).to().value();
            sizes.add(to - end);
            end = to;
        }
        if (ordered.size() < 2 || !whole.shape().get(axis).equals(DimExpr.of(end))) {
            return;
        }
        for (int i = 0; i < ordered.size(); i++) {
            parts.put(ordered.get(i), new Part(whole, axis, sizes, i));
        }
    }

    private static boolean isPlain(Node node) {
        return node.operation() instanceof Operation.Slice s
                && s.step() == 1
                && s.from().isFixed()
                && s.to().isFixed();
    }

    private static Operation.Slice slice(Node node) {
        return (Operation.Slice) node.operation();
    }
}
