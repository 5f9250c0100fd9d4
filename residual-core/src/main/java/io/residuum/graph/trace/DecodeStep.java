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
 * The computation of one further position of sequences after any number of earlier ones: a graph
 * whose outputs are the network's and then what is appended to the past. The last rows of the
 * past's arrays must be free: the new ones are read there. It has no inputs for riders that only
 * say where positions are; what follows from them is computed for each position and fed.
 *
 * @param graph its first output is the network's
 * @param states what is read of the past
 * @param fed what depends on the place
 */
public record DecodeStep(Graph graph, List<State> states, List<Fed<?>> fed) {
    /** Two sizes without anything in common. */
    private static final int[] ROWS = {127, 251};

    private static final int[] SOURCE = {131, 263};

    /** Copies the lists. */
    public DecodeStep {
        states = List.copyOf(states);
        fed = List.copyOf(fed);
    }

    /**
     * The arrays that a layer reads of the past.
     *
     * @param layer the layer
     * @param run which of its runs in a pass, from 0
     * @param names of the inputs that are its arrays
     * @param grows whether there is an output to append for each of them
     */
    public record State(Layer layer, int run, List<String> names, boolean grows) {

        /** Copies the names. */
        public State {
            names = List.copyOf(names);
        }
    }

    /**
     * Inputs that depend on the place.
     *
     * @param recipe makes it, at the place it was captured at
     * @param names of the inputs that are its arrays
     * @param <T> what it makes
     */
    public record Fed<T>(Cache.PositionDependent<T> recipe, List<String> names) {

        /** Copies the names. */
        public Fed {
            names = List.copyOf(names);
        }

        /**
         * Makes it for another place.
         *
         * @param pass a pass there
         * @param place where it is
         * @return the inputs, by name
         */
        public Map<String, NDArray> at(ForwardPass pass, Cache.Place place) {
            Cache.PositionDependent<T> there = recipe.at(place);
            NDList arrays = there.arrays(there.make(pass));
            Map<String, NDArray> named = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                named.put(names.get(i), arrays.get(i));
            }
            return named;
        }
    }

    /**
     * Captures a step behind a past of any length.
     *
     * @param network a complete network
     * @param inputs its first input, {@code (-1, 1)}, then the riders; their last axis is taken to
     *     be as long as past and step where it is in the example
     * @param example what earlier passes have left: of its arrays only shapes are read
     * @return a step for any batch and any room for positions
     * @throws CaptureException if a layer uses an operation that cannot be captured, or computes
     *     something else at another place
     */
    public static DecodeStep of(Layer network, List<Capture.Source> inputs, ArrayCache example) {
        DynamicSizes sizes = new DynamicSizes(DynamicSizes.Kind.PAST);
        sizes.put(SymbolicDim.LENGTH, ROWS[0], ROWS[1]);
        sizes.put(SymbolicDim.SOURCE, SOURCE[0], SOURCE[1]);
        return unified(
                network,
                inputs,
                example,
                new TracedCache(example, 1, ROWS[0], SOURCE[0]),
                new TracedCache(example, 2, ROWS[1], SOURCE[1]),
                sizes);
    }

    /**
     * Captures a step for the room that there is.
     *
     * @param network a complete network
     * @param inputs as in {@link #of}
     * @param example what earlier passes have left
     * @return a step for any batch behind a past of any length, in arrays of these shapes
     * @throws CaptureException as in {@link #of}
     */
    public static DecodeStep ofShapes(
            Layer network, List<Capture.Source> inputs, ArrayCache example) {
        return unified(
                network,
                inputs,
                example,
                new TracedCache(example, 1, 0, 0),
                new TracedCache(example, 2, 0, 0),
                new DynamicSizes(DynamicSizes.Kind.PAST));
    }

    private static DecodeStep unified(
            Layer network,
            List<Capture.Source> inputs,
            ArrayCache example,
            TracedCache one,
            TracedCache other,
            DynamicSizes sizes) {
        Graph first = captured(network, inputs, example, one);
        Graph second = captured(network, inputs, example, other);
        return new DecodeStep(
                Generalization.of(first, second, null, sizes), one.states(), one.fed());
    }

    private static Graph captured(
            Layer network, List<Capture.Source> inputs, ArrayCache example, TracedCache past) {
        List<Capture.Source> placed = new ArrayList<>();
        for (Capture.Source input : inputs) {
            Dims dims = input.shape().with(0, DimExpr.BATCH);
            if (dims.last().equals(DimExpr.of(example.length() + 1L))) {
                dims = dims.with(dims.dimension() - 1, DimExpr.of(past.length() + 1L));
            }
            placed.add(new Capture.Source(input.name(), dims, input.type()));
        }
        return new Capture(network).graph(placed, false, past);
    }
}
