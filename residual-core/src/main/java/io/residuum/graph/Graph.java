package io.residuum.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/**
 * The computation of a network, independent of any engine: operations in an order in which they can
 * be executed, from inputs and parameters to outputs. Immutable; rewriting makes a new graph.
 */
public final class Graph {
    private final List<Node> nodes;
    private final List<Node> outputs;
    private final List<LongFunction<float[]>> draws;
    private final Map<String, String> layers;

    private Graph(
            List<Node> outputs, List<LongFunction<float[]>> draws, Map<String, String> layers) {
        this.outputs = List.copyOf(outputs);
        this.draws = List.copyOf(draws);
        this.layers = Collections.unmodifiableMap(layers);
        this.nodes = ordered(outputs);
    }

    /**
     * Makes a graph of what the outputs need.
     *
     * @param outputs the results, in order
     * @param draws see {@link #draws}
     * @param layers a line about each layer, by path
     * @return a new graph
     */
    public static Graph of(
            List<Node> outputs, List<LongFunction<float[]>> draws, Map<String, String> layers) {
        return new Graph(outputs, draws, layers);
    }

    /** Depth first, with a stack of its own: networks are deeper than Java's. */
    private static List<Node> ordered(List<Node> outputs) {
        List<Node> done = new ArrayList<>();
        Set<Node> begun = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Node> ended = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Node> stack = new ArrayList<>();
        for (int i = outputs.size() - 1; i >= 0; i--) {
            stack.add(outputs.get(i));
        }
        while (!stack.isEmpty()) {
            Node node = stack.get(stack.size() - 1);
            if (!begun.add(node)) {
                stack.remove(stack.size() - 1);
                if (ended.add(node)) {
                    done.add(node);
                }
                continue;
            }
            for (int i = node.inputs().size() - 1; i >= 0; i--) {
                if (!begun.contains(node.input(i))) {
                    stack.add(node.input(i));
                }
            }
        }
        return Collections.unmodifiableList(done);
    }

    /**
     * All nodes, each behind its inputs.
     *
     * @return those that the outputs need
     */
    public List<Node> nodes() {
        return nodes;
    }

    /**
     * The results.
     *
     * @return one node for a network
     */
    public List<Node> outputs() {
        return outputs;
    }

    /**
     * Returns the draws that Java makes for each run: each is given the batch size and returns the
     * values of the node {@link Leaf.Drawn} of its place.
     *
     * @return the draws of stochastic depth, none outside training
     */
    public List<LongFunction<float[]>> draws() {
        return draws;
    }

    /**
     * The layers of the network.
     *
     * @return a line about each, by dotted path
     */
    public Map<String, String> layers() {
        return layers;
    }

    /**
     * The inputs that take part in the results.
     *
     * @return their nodes by name, in order of use
     */
    public Map<String, Node> inputs() {
        Map<String, Node> found = new LinkedHashMap<>();
        for (Node node : nodes) {
            if (node.operation() instanceof Leaf.Input input) {
                found.put(input.name(), node);
            }
        }
        return found;
    }

    /**
     * The parameters and buffers that take part in the results.
     *
     * @return their paths, in order of use
     */
    public Set<String> weights() {
        Set<String> found = new LinkedHashSet<>();
        for (Node node : nodes) {
            if (node.operation() instanceof Leaf.Weight weight) {
                found.add(weight.path());
            }
        }
        return found;
    }

    /**
     * Counts the operations.
     *
     * @return counts by name, those of leaves left out
     */
    public Map<String, Integer> counts() {
        Map<String, Integer> counts = new TreeMap<>();
        for (Node node : nodes) {
            if (!node.operation().isLeaf()) {
                counts.merge(node.operation().name(), 1, Integer::sum);
            }
        }
        return counts;
    }

    /**
     * Returns the readers of each node.
     *
     * @return the readers of every node, in order; a reader twice if it reads twice
     */
    public Map<Node, List<Node>> readers() {
        Map<Node, List<Node>> readers = new IdentityHashMap<>();
        nodes.forEach(node -> readers.put(node, new ArrayList<>()));
        for (Node node : nodes) {
            node.inputs()
                    .forEach(in -> readers.computeIfAbsent(in, n -> new ArrayList<>()).add(node));
        }
        return readers;
    }

    /**
     * Rewrites from inputs to outputs.
     *
     * @param rule is given each node, its inputs rewritten already, and returns what replaces it
     * @return a new graph
     */
    public Graph map(Function<Node, Node> rule) {
        Map<Node, Node> changed = new IdentityHashMap<>();
        for (Node node : nodes) {
            List<Node> inputs = new ArrayList<>(node.inputs().size());
            node.inputs().forEach(in -> inputs.add(changed.get(in)));
            changed.put(node, rule.apply(node.with(inputs)));
        }
        List<Node> results = new ArrayList<>();
        outputs.forEach(out -> results.add(changed.get(out)));
        return new Graph(results, draws, layers);
    }

    /**
     * Puts other nodes in place of some.
     *
     * @param others what replaces a node of this graph; the others are copied as they are
     * @return a new graph, without what is no longer needed
     */
    public Graph replaced(Map<Node, Node> others) {
        Map<Node, Node> changed = new IdentityHashMap<>(others);
        for (Node node : nodes) {
            if (!changed.containsKey(node)) {
                List<Node> inputs = new ArrayList<>(node.inputs().size());
                node.inputs().forEach(in -> inputs.add(changed.get(in)));
                changed.put(node, node.with(inputs));
            }
        }
        List<Node> results = new ArrayList<>();
        outputs.forEach(out -> results.add(changed.get(out)));
        return new Graph(results, draws, layers);
    }

    /** One line a node: its number, operation, operands, shape and layer. */
    @Override
    public String toString() {
        Map<Node, Integer> numbers = new IdentityHashMap<>();
        StringBuilder out = new StringBuilder();
        for (Node node : nodes) {
            numbers.put(node, numbers.size());
            String operands =
                    node.inputs().stream()
                            .map(in -> "%" + numbers.get(in))
                            .collect(Collectors.joining(", "));
            out.append(
                    String.format(
                            "%%%d = %s(%s) : %s %s  # %s%n",
                            numbers.get(node),
                            node.operation(),
                            operands,
                            node.type().name().toLowerCase(Locale.ROOT),
                            node.shape(),
                            node.layer()));
        }
        String results =
                outputs.stream().map(o -> "%" + numbers.get(o)).collect(Collectors.joining(", "));
        return out.append("return ").append(results).append(System.lineSeparator()).toString();
    }
}
