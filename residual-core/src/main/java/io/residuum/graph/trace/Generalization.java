package io.residuum.graph.trace;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Resize;
import io.residuum.graph.SymbolicDim;
import io.residuum.graph.TransposedConvolution;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Generalizes graphs of one network at two sizes to one graph of open sizes. Both must have the
 * same operations, and their numbers must be equal or follow from the sizes. A constant may be
 * longer in one graph if the other's is a prefix of it. The result holds the longest and slices it.
 */
final class Generalization {
    private final Graph one;
    private final Graph other;
    private final List<Node> longest;
    private final DynamicSizes sizes;
    private final Map<Node, Integer> indices = new IdentityHashMap<>();
    private final List<Node> made = new ArrayList<>();
    private int constants;

    private Generalization(Graph one, Graph other, List<Node> longest, DynamicSizes sizes) {
        this.one = one;
        this.other = other;
        this.longest = longest;
        this.sizes = sizes;
    }

    /**
     * Generalizes two graphs.
     *
     * @param one the graph at the first sizes
     * @param other the graph at the second sizes
     * @param longest the graph at the largest sizes, for its constants; null if constants must be
     *     equal
     * @param sizes the first and second sizes
     * @throws CaptureException if an operation depends on a size
     */
    static Graph of(Graph one, Graph other, @Nullable Graph longest, DynamicSizes sizes) {
        List<Node> values = constants(longest == null ? one : longest);
        return new Generalization(one, other, values, sizes).generalized();
    }

    private static List<Node> constants(Graph graph) {
        return graph.nodes().stream().filter(n -> n.operation() instanceof Leaf.Constant).toList();
    }

    private Graph generalized() {
        Map<Node, Integer> otherIndices = new IdentityHashMap<>();
        for (int i = 0; i < one.nodes().size(); i++) {
            Node a = one.nodes().get(i);
            Node b = i < other.nodes().size() ? other.nodes().get(i) : null;
            boolean same =
                    b != null
                            && a.operation().name().equals(b.operation().name())
                            && a.inputs().stream()
                                    .map(indices::get)
                                    .toList()
                                    .equals(b.inputs().stream().map(otherIndices::get).toList());
            if (b == null || !same) {
                throw sizeDependent(a, b == null ? "nothing" : b.operation().toString());
            }
            indices.put(a, i);
            otherIndices.put(b, i);
            made.add(generalized(a, b));
        }
        List<Node> outputs =
                one.outputs().stream()
                        .map(out -> made.get(Objects.requireNonNull(indices.get(out))))
                        .toList();
        return one.withOutputs(outputs, one.outputNames());
    }

    private Node generalized(Node a, Node b) {
        if (b.shape().dimension() != a.shape().dimension()) {
            throw sizeDependent(a, b.toString());
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
                        .map(in -> made.get(Objects.requireNonNull(indices.get(in))))
                        .toList();
        return new Node(operation(a, b), inputs, shape, a.type(), a.layer());
    }

    private DimExpr size(Node a, Node b, int axis) {
        DimExpr x = a.shape().get(axis);
        DimExpr y = b.shape().get(axis);
        boolean images = a.shape().dimension() == 4;
        return images && makesMaps(a.operation()) && axis >= 2
                ? sizes.map(x, y, axis == 2 ? SymbolicDim.HEIGHT : SymbolicDim.WIDTH)
                        .orElseThrow(() -> sizeDependent(a, b.toString()))
                : sizes.common(x, y).orElseThrow(() -> sizeDependent(a, b.toString()));
    }

    /** {@return true for operations that round or add to sizes; a slice of maps has a step} */
    private static boolean makesMaps(Operation operation) {
        return operation instanceof Operation.Convolution
                || operation instanceof Operation.Pad
                || operation instanceof TransposedConvolution
                || operation instanceof Resize
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
            DimExpr to = number(a, b, s.to(), t.to());
            long last = fromEnd(a, s);
            DimExpr from =
                    last > 0 && last == fromEnd(b, t)
                            ? DimExpr.of(-last)
                            : number(a, b, s.from(), t.from());
            return new Operation.Slice(s.axis(), from, to, s.step());
        }
        if (x instanceof Operation.Repeat r
                && y instanceof Operation.Repeat s
                && r.axis() == s.axis()) {
            return new Operation.Repeat(r.axis(), number(a, b, r.times(), s.times()));
        }
        throw sizeDependent(a, y.toString());
    }

    /** {@return how many elements before the end a slice to the end begins; 0 for other slices} */
    private static long fromEnd(Node node, Operation.Slice slice) {
        boolean toEnd = slice.to().equals(node.input(0).shape().get(slice.axis()));
        return toEnd && slice.to().isFixed() && slice.from().isFixed()
                ? slice.to().value() - slice.from().value()
                : 0;
    }

    private DimExpr number(Node a, Node b, DimExpr x, DimExpr y) {
        return sizes.common(x, y).orElseThrow(() -> sizeDependent(a, b.operation().toString()));
    }

    /** {@return the longest values, sliced to the size of the run} */
    private Node constant(Node a, Node b, Dims shape) {
        Node all = constants < longest.size() ? longest.get(constants) : a;
        constants++;
        if (shape.isFixed()) {
            if (!a.operation().equals(b.operation()) || !a.operation().equals(all.operation())) {
                throw sizeDependent(a, "other values");
            }
            return a;
        }
        ConstantPrefixes prefixes =
                ConstantPrefixes.of(shape, all.shape())
                        .orElseThrow(() -> sizeDependent(a, b.shape().toString()));
        if (!prefixes.isPrefix(all, a) || !prefixes.isPrefix(all, b)) {
            throw sizeDependent(a, "other values");
        }
        return prefixes.slice(all);
    }

    private CaptureException sizeDependent(Node node, String instead) {
        String path = node.layer();
        String layer = one.layers().getOrDefault(path, "the network");
        return sizes.sizeDependent(
                layer + (path.isEmpty() ? "" : " at " + path),
                node.operation() + " " + node.shape() + " for " + instead,
                null);
    }
}
