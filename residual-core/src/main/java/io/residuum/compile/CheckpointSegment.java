package io.residuum.compile;

import ai.djl.ndarray.types.DataType;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A part of a graph that runs by itself. What it reads of other segments is an input of its graph.
 *
 * @param graph its operations; the draws are those of the whole
 * @param writes the names of the graph's outputs, under which others read them
 */
record CheckpointSegment(Graph graph, List<String> writes) {

    /**
     * Cuts a graph into segments that run one after another. What does not depend on an input is
     * computed in each segment that reads it.
     *
     * @param graph any graph
     * @return segments of which the last has the outputs of the graph, under no names
     */
    static List<CheckpointSegment> of(Graph graph) {
        List<Node> order = inner(graph);
        Map<Node, Integer> home = new IdentityHashMap<>();
        List<Integer> ends = CheckpointPlan.of(order);
        int segment = 0;
        for (int i = 0; i < order.size(); i++) {
            segment += i == ends.get(segment) ? 1 : 0;
            home.put(order.get(i), segment);
        }
        Map<Node, Node> crossing = crossing(order, home);
        List<CheckpointSegment> segments = new ArrayList<>();
        for (int i = 0; i <= segment; i++) {
            segments.add(segment(i, i == segment, graph, order, home, crossing));
        }
        return segments;
    }

    private static CheckpointSegment segment(
            int i,
            boolean isLast,
            Graph graph,
            List<Node> order,
            Map<Node, Integer> home,
            Map<Node, Node> crossing) {
        List<Node> outputs = new ArrayList<>();
        List<String> names = new ArrayList<>();
        Map<Node, Node> given = new IdentityHashMap<>();
        for (Node node : order) {
            Node input = crossing.get(node);
            int at = Objects.requireNonNull(home.get(node));
            if (input != null && at < i) {
                given.put(node, typed(input, node.type()));
            } else if (input != null && at == i) {
                outputs.add(typed(node, input.type()));
                names.add(name(input));
            }
        }
        Graph part =
                Graph.of(isLast ? graph.outputs() : outputs, graph.draws(), graph.layers())
                        .replaced(given);
        return new CheckpointSegment(part, names);
    }

    /** Returns the nodes that depend on inputs, and those that must not be drawn twice. */
    private static List<Node> inner(Graph graph) {
        Set<Node> inner = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Node> order = new ArrayList<>();
        for (Node node : graph.nodes()) {
            boolean depends =
                    node.inputs().stream()
                            .anyMatch(
                                    in ->
                                            in.operation() instanceof Leaf.Input
                                                    || inner.contains(in));
            if (depends || node.operation().isRandom()) {
                inner.add(node);
                order.add(node);
            }
        }
        return order;
    }

    /** Returns the nodes that a later segment reads, and the inputs by which it does. */
    private static Map<Node, Node> crossing(List<Node> order, Map<Node, Integer> home) {
        Map<Node, Node> crossing = new IdentityHashMap<>();
        for (Node node : order) {
            for (Node in : node.inputs()) {
                Integer from = home.get(in);
                if (from != null && !from.equals(home.get(node))) {
                    crossing.computeIfAbsent(in, n -> input(n, crossing.size()));
                }
            }
        }
        return crossing;
    }

    /** DJL ends the process where it is given an array of bfloat16: float32 holds the same. */
    private static Node input(Node node, int number) {
        Operation input = new Leaf.Input("border." + number);
        DataType type = node.type() == DataType.BFLOAT16 ? DataType.FLOAT32 : node.type();
        return new Node(input, List.of(), node.shape(), type, node.layer());
    }

    private static Node typed(Node node, DataType type) {
        return node.type() == type
                ? node
                : new Node(new Operation.Cast(), List.of(node), node.shape(), type, node.layer());
    }

    private static String name(Node input) {
        return ((Leaf.Input) input.operation()).name();
    }

    /**
     * The segment as it is computed again: norms have learned of the batch by then.
     *
     * @return this segment if nothing differs
     */
    CheckpointSegment again() {
        Predicate<Node> learns =
                node -> node.operation() instanceof Operation.BatchNorm norm && norm.training();
        return graph.nodes().stream().noneMatch(learns)
                ? this
                : new CheckpointSegment(graph.map(n -> learns.test(n) ? still(n) : n), writes);
    }

    private static Node still(Node node) {
        Operation.BatchNorm norm = (Operation.BatchNorm) node.operation();
        return node.with(new Operation.BatchNorm(norm.eps(), 0, true));
    }

    /** Returns true if the engine draws numbers in it. */
    boolean isRandom() {
        return graph.nodes().stream().anyMatch(n -> n.operation().isRandom());
    }
}
