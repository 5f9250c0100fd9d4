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
 * Slices that together are what they were cut from, as queries, keys and values are. Taken at once,
 * their gradients are put beside each other; those of single slices are each written into zeros of
 * the whole and then added up.
 */
final class Splits {

    /**
     * One of the parts of a node.
     *
     * @param whole what is split
     * @param axis along which
     * @param sizes of all parts
     * @param index of this one
     */
    record Part(Node whole, int axis, List<Long> sizes, int index) {}

    private final Map<Node, Part> parts = new IdentityHashMap<>();

    /** Finds them. */
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

    /** Returns the part that a node is; null if it is none. */
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
