package io.residuum.graph.trace;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.SymbolicDim;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes one graph of open sizes from graphs of one network at two sizes. Operations must be equal
 * in both; their numbers must be equal, or follow from the sizes. Constants must be longer in one
 * than in the other, and equal as far as both go: they are kept at the longest, and sliced.
 */
final class Generalization {
    private final Graph one;
    private final Graph other;
    private final List<Node> longest;
    private final DynamicSizes sizes;
    private final Map<Node, Integer> places = new IdentityHashMap<>();
    private final List<Node> made = new ArrayList<>();
    private int constants;

    private Generalization(Graph one, Graph other, List<Node> longest, DynamicSizes sizes) {
        this.one = one;
        this.other = other;
        this.longest = longest;
        this.sizes = sizes;
    }

    /**
     * Unifies.
     *
     * @param one the graph at the first of the sizes
     * @param other the graph at the second
     * @param longest the graph at sizes that are not exceeded; null if constants must be equal
     * @param sizes both
     * @return a graph of any sizes
     * @throws CaptureException if an operation needs a certain size
     */
    static Graph of(Graph one, Graph other, @Nullable Graph longest, DynamicSizes sizes) {
        List<Node> values = constants(longest == null ? one : longest);
        return new Generalization(one, other, values, sizes).unified();
    }

    private static List<Node> constants(Graph graph) {
        return graph.nodes().stream().filter(n -> n.operation() instanceof Leaf.Constant).toList();
    }

    private Graph unified() {
        Map<Node, Integer> places2 = new IdentityHashMap<>();
        for (int i = 0; i < one.nodes().size(); i++) {
            Node a = one.nodes().get(i);
            Node b = i < other.nodes().size() ? other.nodes().get(i) : null;
            boolean alike =
                    b != null
                            && a.operation().name().equals(b.operation().name())
                            && a.inputs().stream()
                                    .map(places::get)
                                    .toList()
                                    .equals(b.inputs().stream().map(places2::get).toList());
            if (b == null || !alike) {
                throw pinned(a, b == null ? "nothing" : b.operation().toString());
            }
            places.put(a, i);
            places2.put(b, i);
            made.add(unified(a, b));
        }
        List<Node> outputs =
                one.outputs().stream()
                        .map(out -> made.get(Objects.requireNonNull(places.get(out))))
                        .toList();
        return Graph.of(outputs, one.draws(), one.layers());
    }

    private Node unified(Node a, Node b) {
        if (b.shape().dimension() != a.shape().dimension()) {
            throw pinned(a, b.toString());
        }
        Dims shape =
                new Dims(
                        IntStream.range(0, a.shape().dimension())
                                .mapToObj(axis -> size(a, b, axis))
                                .toList());
        if (a.operation() instanceof Leaf.Constant) {
            return constant(a, b, shape);
        }
        List<Node> inputs =
                a.inputs().stream()
                        .map(in -> made.get(Objects.requireNonNull(places.get(in))))
                        .toList();
        return new Node(operation(a, b), inputs, shape, a.type(), a.layer());
    }

    private DimExpr size(Node a, Node b, int axis) {
        DimExpr x = a.shape().get(axis);
        DimExpr y = b.shape().get(axis);
        return makesMaps(a.operation()) && axis >= 2
                ? sizes.map(x, y, axis == 2 ? SymbolicDim.HEIGHT : SymbolicDim.WIDTH)
                        .orElseThrow(() -> pinned(a, b.toString()))
                : sizes.common(x, y).orElseThrow(() -> pinned(a, b.toString()));
    }

    /** Returns true for operations that round sizes: a slice of feature maps has a step. */
    private static boolean makesMaps(Operation operation) {
        return operation instanceof Operation.Convolution
                || operation instanceof Operation.Pool
                || operation instanceof Operation.Slice slice && slice.step() > 1;
    }

    private Operation operation(Node a, Node b) {
        Operation x = a.operation();
        Operation y = b.operation();
        if (x.equals(y)) {
            return x;
        }
        if (x instanceof Operation.Slice s
                && y instanceof Operation.Slice t
                && s.axis() == t.axis()
                && s.step() == t.step()) {
            DimExpr from = number(a, b, s.from(), t.from());
            return new Operation.Slice(s.axis(), from, number(a, b, s.to(), t.to()), s.step());
        }
        if (x instanceof Operation.Repeat r
                && y instanceof Operation.Repeat s
                && r.axis() == s.axis()) {
            return new Operation.Repeat(r.axis(), number(a, b, r.times(), s.times()));
        }
        throw pinned(a, y.toString());
    }

    private DimExpr number(Node a, Node b, DimExpr x, DimExpr y) {
        return sizes.common(x, y).orElseThrow(() -> pinned(a, b.operation().toString()));
    }

    /** The longest values, cut to the size of the run. */
    private Node constant(Node a, Node b, Dims shape) {
        Node all = constants < longest.size() ? longest.get(constants) : a;
        constants++;
        if (shape.isFixed()) {
            if (!a.operation().equals(b.operation()) || !a.operation().equals(all.operation())) {
                throw pinned(a, "other values");
            }
            return a;
        }
        ConstantPrefixes blocks =
                ConstantPrefixes.of(shape, all.shape())
                        .orElseThrow(() -> pinned(a, b.shape().toString()));
        if (!blocks.begin(all, a) || !blocks.begin(all, b)) {
            throw pinned(a, "other values");
        }
        return blocks.cut(all);
    }

    private CaptureException pinned(Node node, String instead) {
        String path = node.layer();
        String layer = one.layers().getOrDefault(path, "the network");
        return sizes.pinned(
                layer + (path.isEmpty() ? "" : " at " + path),
                node.operation() + " " + node.shape() + " for " + instead,
                null);
    }
}
