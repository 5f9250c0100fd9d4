package io.residuum.graph.rewrite;

import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph in two parts. The preparation computes values of parameters and constants alone, once.
 * The main graph reads them as {@link Leaf.Prepared}.
 *
 * @param preparation a graph without inputs whose outputs are the prepared values
 * @param main the graph of each run
 */
public record ConstantFolding(Graph preparation, Graph main) {

    /**
     * {@return both parts; the preparation has no outputs if nothing can be prepared}
     *
     * @param graph a graph for inference; its weights must not change between preparation and run
     */
    public static ConstantFolding of(Graph graph) {
        Set<Node> fixed = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node node : graph.nodes()) {
            Operation operation = node.operation();
            boolean known =
                    operation instanceof Leaf leaf
                            ? isKnown(leaf)
                            : !operation.isRandom() && fixed.containsAll(node.inputs());
            if (known && node.shape().isFixed()) {
                fixed.add(node);
            }
        }
        List<Node> outputs = new ArrayList<>();
        Map<Node, Node> prepared = new IdentityHashMap<>();
        for (Node node : graph.nodes()) {
            if (!fixed.contains(node)) {
                node.inputs().stream()
                        .filter(in -> fixed.contains(in) && !in.operation().isLeaf())
                        .forEach(in -> prepare(in, outputs, prepared));
            }
        }
        for (Node out : graph.outputs()) {
            if (fixed.contains(out) && !out.operation().isLeaf()) {
                prepare(out, outputs, prepared);
            }
        }
        Graph preparation = Graph.of(outputs, List.of(), graph.layers());
        return new ConstantFolding(preparation, graph.replaced(prepared));
    }

    /** Returns true for leaves that a preparation graph may read. */
    private static boolean isKnown(Leaf leaf) {
        return leaf.fold(
                input -> false,
                weight -> true,
                prepared -> false,
                drawn -> false,
                constant -> true,
                fill -> true);
    }

    private static void prepare(Node node, List<Node> outputs, Map<Node, Node> prepared) {
        prepared.computeIfAbsent(
                node,
                n -> {
                    outputs.add(n);
                    return new Node(
                            new Leaf.Prepared(outputs.size() - 1),
                            List.of(),
                            n.shape(),
                            n.type(),
                            n.layer());
                });
    }
}
