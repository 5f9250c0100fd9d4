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
 * A part of a graph that runs as one program. Arrays of earlier segments are inputs of its graph.
 *
 * @param graph the operations, with the draws of the complete graph
 * @param writes the input names by which later segments read the graph's outputs
 */
record CheckpointSegment(Graph graph, List<String> writes) {

    /**
     * Cuts a graph into segments that run in order. Nodes that do not depend on an input are
     * computed in each segment that reads them.
     *
     * @param graph any graph
     * @return the segments; the last has the outputs of the graph and writes nothing
     */
    static List<CheckpointSegment> of(Graph graph) {
        List<Node> order = dependent(graph);
        Map<Node, Integer> segmentOf = new IdentityHashMap<>();
        List<Integer> ends = CheckpointPlan.of(order, graph.outputs());
        int segment = 0;
        for (int i = 0; i < order.size(); i++) {
            segment += i == ends.get(segment) ? 1 : 0;
            segmentOf.put(order.get(i), segment);
        }
        Map<Node, Node> crossing = crossing(graph, order, segmentOf);
        List<CheckpointSegment> segments = new ArrayList<>();
        for (int i = 0; i <= segment; i++) {
            segments.add(segment(i, i == segment, graph, order, segmentOf, crossing));
        }
        return segments;
    }

    private static CheckpointSegment segment(
            int i,
            boolean isLast,
            Graph graph,
            List<Node> order,
            Map<Node, Integer> segmentOf,
            Map<Node, Node> crossing) {
        List<Node> outputs = new ArrayList<>();
        List<String> names = new ArrayList<>();
        Map<Node, Node> inputs = new IdentityHashMap<>();
        for (Node node : order) {
            Node input = crossing.get(node);
            int at = Objects.requireNonNull(segmentOf.get(node));
            if (input != null && at < i) {
                inputs.put(node, typed(input, node.type()));
            } else if (input != null && at == i) {
                outputs.add(typed(node, input.type()));
                names.add(name(input));
            }
        }
        Graph part =
                Graph.of(isLast ? graph.outputs() : outputs, graph.draws(), graph.layers())
                        .replaced(inputs);
        return new CheckpointSegment(part, names);
    }

    /** Returns the nodes that depend on inputs, and random ones, which must not be drawn twice. */
    private static List<Node> dependent(Graph graph) {
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

    /**
     * Returns the nodes that a later segment reads or passes on as outputs, with their input nodes
     * there.
     */
    private static Map<Node, Node> crossing(
            Graph graph, List<Node> order, Map<Node, Integer> segmentOf) {
        Map<Node, Node> crossing = new IdentityHashMap<>();
        for (Node node : order) {
            for (Node in : node.inputs()) {
                Integer from = segmentOf.get(in);
                if (from != null && !from.equals(segmentOf.get(node))) {
                    crossing.computeIfAbsent(in, n -> input(n, crossing.size()));
                }
            }
        }
        int last = segmentOf.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        for (Node output : graph.outputs()) {
            if (segmentOf.getOrDefault(output, last) < last) {
                crossing.computeIfAbsent(output, n -> input(n, crossing.size()));
            }
        }
        return crossing;
    }

    /**
     * Creates an input, in float32 for bfloat16, which holds the same: DJL crashes the process when
     * it gets an array of bfloat16.
     */
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
     * Returns the segment for recomputation, in which norms do not update running statistics a
     * second time; this segment if nothing differs.
     */
    CheckpointSegment forRecomputation() {
        Predicate<Node> updates =
                node -> node.operation() instanceof Operation.BatchNorm norm && norm.training();
        return graph.nodes().stream().noneMatch(updates)
                ? this
                : new CheckpointSegment(
                        graph.map(n -> updates.test(n) ? withoutUpdate(n) : n), writes);
    }

    private static Node withoutUpdate(Node node) {
        Operation.BatchNorm norm = (Operation.BatchNorm) node.operation();
        return node.with(new Operation.BatchNorm(norm.eps(), 0, true));
    }

    /** Returns true if the engine draws random numbers in it. */
    boolean isRandom() {
        return graph.nodes().stream().anyMatch(n -> n.operation().isRandom());
    }
}
