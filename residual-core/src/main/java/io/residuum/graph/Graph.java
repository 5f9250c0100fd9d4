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
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/**
 * The computation of a network, independent of any engine: operations in execution order, from
 * inputs and parameters to outputs. Immutable; rewriting creates a new graph.
 */
public final class Graph {
    /** The name of the output of a network that has one. */
    public static final String OUTPUT = "output";

    private final List<Node> nodes;
    private final List<Node> outputs;
    private final List<String> outputNames;
    private final List<LongFunction<float[]>> draws;
    private final Map<String, String> layers;

    private Graph(
            List<Node> outputs,
            List<String> outputNames,
            List<LongFunction<float[]>> draws,
            Map<String, String> layers) {
        if (outputNames.size() != outputs.size()) {
            throw new IllegalArgumentException(
                    "a graph needs one name for each of its %d outputs, got %s"
                            .formatted(outputs.size(), outputNames));
        }
        this.outputs = List.copyOf(outputs);
        this.outputNames = List.copyOf(outputNames);
        this.draws = List.copyOf(draws);
        this.layers = Collections.unmodifiableMap(layers);
        this.nodes = ordered(outputs);
    }

    /**
     * {@return a graph of the nodes that the outputs need} The outputs have the names {@value
     * #OUTPUT}, {@code output2}, {@code output3}, and so on.
     *
     * @param outputs the results, in order
     * @param draws the random draws of each run, see {@link #draws}
     * @param layers a one-line description of each layer, by path
     */
    public static Graph of(
            List<Node> outputs, List<LongFunction<float[]>> draws, Map<String, String> layers) {
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= outputs.size(); i++) {
            names.add(i == 1 ? OUTPUT : OUTPUT + i);
        }
        return of(outputs, names, draws, layers);
    }

    /**
     * {@return a graph of the nodes that named outputs need}
     *
     * @param outputs the results, in order
     * @param names the name of each
     * @param draws the random draws of each run, see {@link #draws}
     * @param layers a one-line description of each layer, by path
     */
    public static Graph of(
            List<Node> outputs,
            List<String> names,
            List<LongFunction<float[]>> draws,
            Map<String, String> layers) {
        return new Graph(outputs, names, draws, layers);
    }

    /**
     * {@return this graph with other outputs, and the nodes that they need}
     *
     * @param others the results, in order
     * @param names the name of each
     */
    public Graph withOutputs(List<Node> others, List<String> names) {
        return new Graph(others, names, draws, layers);
    }

    /** Sorts depth first, without recursion: networks are deeper than Java's call stack. */
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

    /** Returns the nodes that the outputs need, each after its inputs. */
    public List<Node> nodes() {
        return nodes;
    }

    /** Returns the results, one node for each output of a network. */
    public List<Node> outputs() {
        return outputs;
    }

    /** Returns the names of the results, in order. */
    public List<String> outputNames() {
        return outputNames;
    }

    /**
     * Returns the random draws that Java makes for each run, for stochastic depth in training. Each
     * maps the batch size to the values of the {@link Leaf.Drawn} with its index.
     */
    public List<LongFunction<float[]>> draws() {
        return draws;
    }

    /** Returns a one-line description of each layer, by dotted path. */
    public Map<String, String> layers() {
        return layers;
    }

    /** Returns the nodes of the inputs that the results need, by name, in order of use. */
    public Map<String, Node> inputs() {
        Map<String, Node> found = new LinkedHashMap<>();
        for (Node node : nodes) {
            if (node.operation() instanceof Leaf.Input input) {
                found.put(input.name(), node);
            }
        }
        return found;
    }

    /** Returns the paths of the parameters and buffers that the results need, in order of use. */
    public Set<String> weights() {
        Set<String> found = new LinkedHashSet<>();
        for (Node node : nodes) {
            if (node.operation() instanceof Leaf.Weight weight) {
                found.add(weight.path());
            }
        }
        return found;
    }

    /** Returns the number of operations by name, without leaves. */
    public Map<String, Integer> counts() {
        Map<String, Integer> counts = new TreeMap<>();
        for (Node node : nodes) {
            if (!node.operation().isLeaf()) {
                counts.merge(node.operation().name(), 1, Integer::sum);
            }
        }
        return counts;
    }

    /** Returns the readers of every node, in order. A node that reads it twice appears twice. */
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
     * {@return a new graph, rewritten from inputs to outputs}
     *
     * @param rule maps each node, whose inputs are already rewritten, to its replacement
     */
    public Graph map(Function<Node, Node> rule) {
        return map((node, now) -> rule.apply(now));
    }

    /**
     * {@return a new graph, rewritten from inputs to outputs}
     *
     * @param rule maps each node of this graph, and the same node with rewritten inputs, to its
     *     replacement
     */
    public Graph map(BinaryOperator<Node> rule) {
        Map<Node, Node> changed = new IdentityHashMap<>();
        for (Node node : nodes) {
            Node now = node.with(node.inputs().stream().map(changed::get).toList());
            changed.put(node, rule.apply(node, now));
        }
        return withOutputs(outputs.stream().map(changed::get).toList(), outputNames);
    }

    /**
     * {@return a new graph with some nodes replaced, without nodes that are no longer needed}
     *
     * @param others the replacements, by node of this graph
     */
    public Graph replaced(Map<Node, Node> others) {
        return map((node, now) -> others.getOrDefault(node, now));
    }

    /** Returns one line per node: its number, operation, operands, type, shape and layer. */
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
