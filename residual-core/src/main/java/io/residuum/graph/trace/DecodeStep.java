package io.residuum.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.SymbolicDim;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.Cache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The forward pass for one new position after any number of cached ones. The last row of each
 * cached array must be free, because the graph writes the new row there. Side inputs that only
 * describe positions are no inputs of the graph. Results that depend on them are computed for each
 * position and given as inputs.
 *
 * @param graph the graph; its first output is the network's, the others are rows to append
 * @param states the arrays that layers read from the cache
 * @param positions the inputs that depend on the position
 */
public record DecodeStep(Graph graph, List<State> states, List<PositionInputs<?>> positions) {
    /** Two sizes without a common factor. */
    private static final int[] ROWS = {127, 251};

    private static final int[] SOURCE = {131, 263};

    public DecodeStep {
        states = List.copyOf(states);
        positions = List.copyOf(positions);
    }

    /**
     * The arrays that a layer reads from the cache.
     *
     * @param layer the layer
     * @param run the index of its run in a pass, from 0; layers with tied weights run several times
     * @param names the graph inputs of these arrays
     * @param grows true if each array has an output to append
     */
    public record State(Layer layer, int run, List<String> names, boolean grows) {
        public State {
            names = List.copyOf(names);
        }
    }

    /**
     * Inputs that depend on the position.
     *
     * @param recipe makes them, at the position of the capture
     * @param names the graph inputs of the arrays
     * @param <T> the type of the recipe's result
     */
    public record PositionInputs<T>(Cache.PositionDependent<T> recipe, List<String> names) {
        public PositionInputs {
            names = List.copyOf(names);
        }

        /**
         * Computes the inputs for another position.
         *
         * @param pass a forward pass at that position
         * @return the arrays by input name
         */
        public Map<String, NDArray> at(ForwardPass pass, Cache.Position position) {
            Cache.PositionDependent<T> there = recipe.at(position);
            NDList arrays = there.arrays(there.make(pass));
            Map<String, NDArray> named = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                named.put(names.get(i), arrays.get(i));
            }
            return named;
        }
    }

    /**
     * Captures a step for any number of cached positions.
     *
     * @param inputs the first input, {@code (-1, 1)}, then the side inputs; a last axis as long as
     *     the example plus one grows with the cache
     * @param example a cache that earlier passes filled; only shapes of its arrays are read
     * @return a step for any batch and any number of rows per cached array
     * @throws CaptureException if a layer uses an operation that cannot be captured, or computes
     *     something different at another position
     */
    public static DecodeStep of(Layer network, List<Capture.Source> inputs, ArrayCache example) {
        DynamicSizes sizes = new DynamicSizes(DynamicSizes.Kind.CACHE);
        sizes.put(SymbolicDim.LENGTH, ROWS[0], ROWS[1]);
        sizes.put(SymbolicDim.SOURCE, SOURCE[0], SOURCE[1]);
        return generalized(
                network,
                inputs,
                example,
                new TracedCache(example, 1, ROWS[0], SOURCE[0]),
                new TracedCache(example, 2, ROWS[1], SOURCE[1]),
                sizes);
    }

    /**
     * Captures a step for cached arrays of the example's shapes.
     *
     * @param inputs as in {@link #of}
     * @param example a cache that earlier passes filled
     * @return a step for any batch and any number of positions that fit these arrays
     * @throws CaptureException as in {@link #of}
     */
    public static DecodeStep ofShapes(
            Layer network, List<Capture.Source> inputs, ArrayCache example) {
        return generalized(
                network,
                inputs,
                example,
                new TracedCache(example, 1, 0, 0),
                new TracedCache(example, 2, 0, 0),
                new DynamicSizes(DynamicSizes.Kind.CACHE));
    }

    private static DecodeStep generalized(
            Layer network,
            List<Capture.Source> inputs,
            ArrayCache example,
            TracedCache one,
            TracedCache other,
            DynamicSizes sizes) {
        Graph first = captured(network, inputs, example, one);
        Graph second = captured(network, inputs, example, other);
        return new DecodeStep(
                Generalization.of(first, second, null, sizes), one.states(), one.positions());
    }

    private static Graph captured(
            Layer network, List<Capture.Source> inputs, ArrayCache example, TracedCache cache) {
        List<Capture.Source> resized = new ArrayList<>();
        for (Capture.Source input : inputs) {
            Dims dims = input.shape().with(0, DimExpr.BATCH);
            if (dims.last().equals(DimExpr.of(example.length() + 1L))) {
                dims = dims.with(dims.dimension() - 1, DimExpr.of(cache.length() + 1L));
            }
            resized.add(new Capture.Source(input.name(), dims, input.type()));
        }
        return new Capture(network).graph(resized, false, cache);
    }
}
