package io.residuum.emit.torch;

import io.residuum.emit.torch.FusedKernels.Group;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.Operation.Function;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The groups of operations that one kernel computes: a convolution or linear layer, the sum with
 * another value, and the following activation. For inference only: these operations of PyTorch have
 * no gradients.
 */
final class Fusion {
    /** Fuses nothing. */
    static final Fusion NONE = new Fusion();

    private final Map<Node, Group> byLast = new IdentityHashMap<>();
    private final Set<Node> absorbed = Collections.newSetFromMap(new IdentityHashMap<>());

    private Fusion() {}

    /** Finds groups to fuse. Every value is in at most one group. */
    static Fusion of(Graph graph, FusedKernels kernels) {
        Fusion fusion = new Fusion();
        Map<Node, List<Node>> readers = graph.readers();
        Set<Node> results = Collections.newSetFromMap(new IdentityHashMap<>());
        results.addAll(graph.outputs());
        for (Node node : graph.nodes()) {
            if (kernels.computes(node)) {
                fusion.fuse(node, kernels, readers, results);
            }
        }
        if (kernels.reorderWeights()) {
            for (Node node : graph.nodes()) {
                if (isFixed(node)
                        && onlyReordered(node, kernels, readers.getOrDefault(node, List.of()))) {
                    fusion.absorbed.add(node);
                }
            }
        }
        return fusion;
    }

    /** Returns the group that ends at a node; null if there is none. */
    @Nullable Group endingAt(Node node) {
        return byLast.get(node);
    }

    /** Returns true if no statement needs the node's value. */
    boolean absorbs(Node node) {
        return absorbed.contains(node);
    }

    private void fuse(
            Node product, FusedKernels kernels, Map<Node, List<Node>> readers, Set<Node> results) {
        List<Node> inner = new ArrayList<>();
        Node last = product;
        Node added = null;
        Function activation = null;
        boolean convolution = product.operation() instanceof Operation.Convolution;
        Node next = reader(last, readers, results);
        if (next != null && isSum(next) && !taken(next) && kernels.adds(product)) {
            added = next.input(0) == last ? next.input(1) : next.input(0);
            inner.add(last);
            last = next;
            next = convolution ? reader(last, readers, results) : null;
        }
        if (next != null
                && next.operation() instanceof Operation.Unary u
                && next.type() == last.type()
                && kernels.applies(u.function(), added != null)) {
            activation = u.function();
            inner.add(last);
            last = next;
        }
        Group group = new Group(kernels, product, added, activation);
        if (kernels.has(group)) {
            byLast.put(last, group);
            absorbed.addAll(inner);
        }
    }

    private boolean taken(Node node) {
        return byLast.containsKey(node) || absorbed.contains(node);
    }

    /** Returns the only reader of a value; null if there are several or the value is a result. */
    private static @Nullable Node reader(
            Node node, Map<Node, List<Node>> readers, Set<Node> results) {
        List<Node> all = readers.getOrDefault(node, List.of());
        return all.size() == 1 && !results.contains(node) ? all.get(0) : null;
    }

    private static boolean isSum(Node node) {
        return node.operation() instanceof Operation.Binary b
                && b.arithmetic() == Arithmetic.ADD
                && sameShapeAndType(node.input(0), node.input(1))
                && node.input(0) != node.input(1)
                && sameShapeAndType(node, node.input(0));
    }

    private static boolean sameShapeAndType(Node a, Node b) {
        return a.shape().equals(b.shape()) && a.type() == b.type();
    }

    /** Returns true for values that are known when the program is created. */
    static boolean isFixed(Node node) {
        return node.operation() instanceof Leaf.Weight || node.operation() instanceof Leaf.Prepared;
    }

    private static boolean onlyReordered(Node weight, FusedKernels kernels, List<Node> readers) {
        return !readers.isEmpty()
                && readers.stream()
                        .allMatch(
                                r ->
                                        kernels.computes(r)
                                                && r.input(1) == weight
                                                && r.input(0) != weight
                                                && !r.inputs()
                                                        .subList(2, r.inputs().size())
                                                        .contains(weight));
    }
}
