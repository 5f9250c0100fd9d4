package io.residuum.emit.torch;

import io.residuum.emit.torch.FusedKernels.Group;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
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
                if (isWeight(node)
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

    /** Adds the longest group that begins with a product and that a kernel computes. */
    private void fuse(
            Node product, FusedKernels kernels, Map<Node, List<Node>> readers, Set<Node> results) {
        List<Node> nodes = new ArrayList<>(List.of(product));
        List<Group> groups = new ArrayList<>(List.of(new Group(kernels, product, null, null)));
        Node added = null;
        Node next = reader(product, readers, results);
        if (next != null && isSum(next) && !taken(next)) {
            added = next.input(0) == product ? next.input(1) : next.input(0);
            nodes.add(next);
            groups.add(new Group(kernels, product, added, null));
            next = reader(next, readers, results);
        }
        if (next != null
                && next.operation() instanceof Operation.Unary u
                && next.type() == product.type()) {
            nodes.add(next);
            groups.add(new Group(kernels, product, added, u.function()));
        }
        int last = nodes.size() - 1;
        while (last >= 0 && !kernels.has(groups.get(last))) {
            last--;
        }
        if (last >= 0) {
            byLast.put(nodes.get(last), groups.get(last));
            absorbed.addAll(nodes.subList(0, last));
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

    /** Returns true for weights and values that are computed from them once. */
    static boolean isWeight(Node node) {
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
