package io.residuum.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.Cache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A cache that knows only shapes. Arrays that layers read from it become inputs of the graph; rows
 * that they append become outputs.
 */
final class TracedCache implements Cache {
    private final ArrayCache example;
    private final int length;
    private final int rows;
    private final int source;
    private final Map<Layer, Integer> runs = new IdentityHashMap<>();
    private final List<DecodeStep.State> states = new ArrayList<>();
    private final List<DecodeStep.PositionInputs<?>> positions = new ArrayList<>();
    private final List<Node> appended = new ArrayList<>();

    /**
     * Creates a cache with the shapes of another.
     *
     * @param example a cache that real passes filled
     * @param length the number of positions so far
     * @param rows the number of rows per growing array, 0 for the example's
     * @param source the number of positions of fixed arrays, 0 for the example's
     */
    TracedCache(ArrayCache example, int length, int rows, int source) {
        this.example = example;
        this.length = length;
        this.rows = rows;
        this.source = source;
    }

    @Override
    public int length() {
        return length;
    }

    /** Does nothing: the batch is dynamic. */
    @Override
    public void begin(long samples) {}

    @Override
    public Rows append(ForwardPass pass, Layer layer, NDList arrays) {
        int first = states.size();
        NDList kept = inputs(pass, layer, true);
        NDList all = new NDList(arrays.size());
        for (int i = 0; i < arrays.size(); i++) {
            TracedArray fresh = TracedArray.of(arrays.get(i));
            appended.add(fresh.node());
            TracedArray past = TracedArray.of(kept.get(i));
            // The new row is rounded as the cached ones are.
            TracedArray row = TracedArray.of(fresh.toType(past.getDataType(), false));
            all.add(past.withLast(row).toType(fresh.getDataType(), false));
        }
        if (states.size() != first + 1 || kept.size() != arrays.size()) {
            throw new UnsupportedOperationException(
                    "appending " + arrays.size() + " arrays to a cache of " + kept.size());
        }
        long added = arrays.head().getShape().get(1);
        return new Rows(all, Math.toIntExact(kept.head().getShape().get(1) - added));
    }

    @Override
    public NDList once(ForwardPass pass, Layer layer, Supplier<NDList> first) {
        return inputs(pass, layer, false);
    }

    private NDList inputs(ForwardPass pass, Layer layer, boolean grows) {
        int run = runs.merge(layer, 1, Integer::sum) - 1;
        List<String> names = new ArrayList<>();
        NDList arrays = new NDList();
        for (NDArray array : example.state(layer, run)) {
            String name = "past_" + states.size() + "_" + names.size();
            names.add(name);
            long[] dims = array.getShape().getShape().clone();
            if (dims[0] % example.samples() != 0) {
                throw new UnsupportedOperationException(
                        "a cache of "
                                + array.getShape()
                                + " for "
                                + example.samples()
                                + " samples");
            }
            dims[0] = dims[0] / example.samples() * BatchProbe.SIZE;
            int size = grows ? rows : source;
            dims[1] = size == 0 ? dims[1] : size;
            arrays.add(input(pass, name, new Shape(dims), array.getDataType()));
        }
        states.add(new DecodeStep.State(layer, run, names, grows));
        return arrays;
    }

    private static TracedArray input(ForwardPass pass, String name, Shape shape, DataType type) {
        return ((TracingManager) pass.manager()).leaf(new Leaf.Input(name), shape, type);
    }

    @Override
    public <T> T positionDependent(ForwardPass pass, PositionDependent<T> recipe) {
        T made = recipe.make(pass);
        Position other = new Position(BatchProbe.SIZE, length + 1, rows + 1);
        if (recipe.equals(recipe.at(other))) {
            return made;
        }
        List<String> names = new ArrayList<>();
        NDList inputs = new NDList();
        for (NDArray array : recipe.arrays(made)) {
            String name = "position_" + positions.size() + "_" + names.size();
            names.add(name);
            inputs.add(input(pass, name, array.getShape(), array.getDataType()));
        }
        for (NDArray input : pass.sideInputs()) {
            if (!(TracedArray.of(input).node().operation() instanceof Leaf.Input)) {
                throw new UnsupportedOperationException(
                        "side input \""
                                + input.getName()
                                + "\" computed by a layer of the network");
            }
        }
        positions.add(new DecodeStep.PositionInputs<>(recipe, names));
        return recipe.of(inputs);
    }

    /** {@return the appended rows, in the order of {@link #states}} */
    List<Node> appended() {
        return appended;
    }

    List<DecodeStep.State> states() {
        return states;
    }

    List<DecodeStep.PositionInputs<?>> positions() {
        return positions;
    }
}
