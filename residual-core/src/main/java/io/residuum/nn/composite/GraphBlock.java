package io.residuum.nn.composite;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.MultiLayer;
import io.residuum.nn.SideInputs;
import io.residuum.nn.trait.RepeatsChildren;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A directed acyclic graph of layers, which run in order and pass values by name. A layer may write
 * a name again: later layers then read the new value, for instance of a stream that several blocks
 * update.
 */
public final class GraphBlock extends MultiLayer implements RepeatsChildren {
    private final List<Step> steps = new ArrayList<>();
    private final List<String> outputs;
    private final int[] results;
    private final Map<String, Integer> runs = new HashMap<>();
    private final Map<String, List<Layer>> resized = new HashMap<>();
    private int values;

    /**
     * A layer with the values that it reads and writes. Several nodes may share a layer and its
     * weights.
     *
     * @param name the name of the layer below this graph, the same for nodes that share it
     * @param layer the layer
     * @param built the layer as it would be built for the shapes of this node; the layer itself,
     *     except for images of another size that a shared layer reads
     * @param from the names of its inputs, in order
     * @param with the values that all layers below it read as side inputs, by the name of the side
     *     input
     * @param to the names of its outputs, in order
     */
    public record Node(
            String name,
            Layer layer,
            Layer built,
            List<String> from,
            Map<String, String> with,
            List<String> to) {}

    /** A node whose names are numbers of values: each write gives a new number. */
    private record Step(
            Layer layer, int[] from, Map<String, Integer> with, int[] to, List<Integer> unread) {}

    /**
     * Creates a graph.
     *
     * @param inputs the shapes of the inputs by name, in order
     * @param nodes the layers, in order of computation
     * @param outputs the names of the outputs, in order
     * @throws IllegalArgumentException if a node reads a name that no input or earlier node writes,
     *     or two layers have one name
     */
    public GraphBlock(Map<String, Shape> inputs, List<Node> nodes, List<String> outputs) {
        super(List.copyOf(inputs.values()));
        this.outputs = List.copyOf(outputs);
        Map<String, Integer> current = new LinkedHashMap<>();
        inputs.keySet().forEach(name -> current.put(name, values++));
        for (Node node : nodes) {
            if (node.built() != node.layer()) {
                resized.computeIfAbsent(node.name(), name -> new ArrayList<>()).add(node.built());
            } else if (runs.merge(node.name(), 1, Integer::sum) == 1) {
                child(node.name(), node.layer());
            } else if (children().get(node.name()) != node.layer()) {
                throw new IllegalArgumentException(
                        "layers of a graph must have different names, got \"%s\" for two"
                                .formatted(node.name()));
            }
            int[] from = numbers(node.from(), current);
            Map<String, Integer> with = new LinkedHashMap<>();
            node.with().forEach((side, name) -> with.put(side, number(name, current)));
            node.to().forEach(name -> current.put(name, values++));
            steps.add(
                    new Step(
                            node.layer(),
                            from,
                            with,
                            numbers(node.to(), current),
                            new ArrayList<>()));
        }
        results = numbers(outputs, current);
        planReleases();
    }

    private static int[] numbers(List<String> names, Map<String, Integer> current) {
        return names.stream().mapToInt(name -> number(name, current)).toArray();
    }

    private static int number(String name, Map<String, Integer> current) {
        Integer number = current.get(name);
        if (number == null) {
            throw new IllegalArgumentException(
                    "a graph must read values made before, got \"%s\" among %s"
                            .formatted(name, current.keySet()));
        }
        return number;
    }

    /** Finds the last step that makes or reads each value. */
    private void planReleases() {
        Map<Integer, Step> last = new HashMap<>();
        for (Step step : steps) {
            Arrays.stream(step.from).forEach(value -> last.put(value, step));
            step.with.values().forEach(value -> last.put(value, step));
            Arrays.stream(step.to).forEach(value -> last.put(value, step));
        }
        Arrays.stream(results).forEach(last::remove);
        last.forEach((value, step) -> step.unread.add(value));
    }

    @Override
    protected NDList computeAll(ForwardPass pass, NDList in) {
        @Nullable NDArray[] held = in.toArray(new NDArray[values]);
        for (Step step : steps) {
            NDList made = step.layer.forward(sides(pass, step, held), read(held, step.from));
            for (int i = 0; i < step.to.length; i++) {
                held[step.to[i]] = made.get(i);
            }
            for (int value : step.unread) {
                release(pass, held, value);
            }
        }
        return read(held, results);
    }

    private static ForwardPass sides(ForwardPass pass, Step step, @Nullable NDArray[] held) {
        NDList added = new NDList();
        // An array has one name, but a value may be a side input under several.
        step.with.forEach(
                (side, value) -> {
                    NDArray array = Objects.requireNonNull(held[value]);
                    NDArray named = array.reshape(array.getShape());
                    named.setName(side);
                    added.add(named);
                });
        return added.isEmpty() ? pass : pass.withMoreSideInputs(added);
    }

    private static NDList read(@Nullable NDArray[] held, int[] values) {
        NDList read = new NDList(values.length);
        for (int value : values) {
            read.add(Objects.requireNonNull(held[value]));
        }
        return read;
    }

    /** Releases a value, unless a layer that passes on its input gave it a second number. */
    private static void release(ForwardPass pass, @Nullable NDArray[] held, int value) {
        NDArray array = Objects.requireNonNull(held[value]);
        held[value] = null;
        if (Arrays.stream(held).noneMatch(other -> other == array)) {
            pass.release(array);
        }
    }

    @Override
    public List<Shape> outputShapes(List<Shape> in) {
        Shape[] shapes = in.toArray(new Shape[values]);
        for (Step step : steps) {
            List<Shape> made = step.layer.outputShapes(shapes(shapes, step.from));
            for (int i = 0; i < step.to.length; i++) {
                shapes[step.to[i]] = made.get(i);
            }
        }
        return shapes(shapes, results);
    }

    private static List<Shape> shapes(Shape[] all, int[] values) {
        return Arrays.stream(values).mapToObj(value -> all[value]).toList();
    }

    @Override
    public List<String> outputNames() {
        return outputs;
    }

    /** {@return the side inputs of the children that no value of this graph is} */
    @Override
    protected SideInputs childSideInputs() {
        SideInputs all = SideInputs.NONE;
        for (Step step : steps) {
            all =
                    all.and(
                            step.layer.sideInputs().all().stream()
                                    .filter(side -> !step.with.containsKey(side.name()))
                                    .toList());
        }
        return all;
    }

    /** {@return the number of nodes that share a layer and have its shapes} */
    @Override
    public int runs(String child) {
        return Objects.requireNonNull(runs.get(child));
    }

    /**
     * {@return a layer for each node that shares a child but reads images of another size; without
     * values, to count its cost}
     *
     * @param child the name of one of the children
     */
    public List<Layer> resized(String child) {
        return List.copyOf(resized.getOrDefault(child, List.of()));
    }
}
