package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.residuum.graph.Program;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.DecodeStep;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.Cache;
import io.residuum.nn.ForwardPass;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Runs one decoding step and appends its rows to the KV cache.
 *
 * @param step the step
 * @param program computes it from the inputs in that order
 * @param order the names of the inputs
 * @param ids the inputs that are ids
 */
record DecodeProgram(DecodeStep step, Program program, List<String> order, IdRanges ids) {

    record Result(NDArray output, NDList rows) {}

    /**
     * Computes one more position. The cache does not change.
     *
     * @param inputs the ids, {@code (N, 1)}, then side inputs by name
     * @param cache the cache, with room for the new position
     * @param pass a forward pass over the inputs with the cache
     * @return the network's output, and the rows for {@link #append}
     */
    Result run(NDList inputs, ArrayCache cache, ForwardPass pass) {
        ids.require(pass.ops(), inputs);
        Map<String, NDArray> given = new HashMap<>();
        inputs.subNDList(1).forEach(sideInput -> given.put(sideInput.getName(), sideInput));
        given.put(Capture.DATA, inputs.head());
        int rows = 0;
        for (DecodeStep.State state : step.states()) {
            NDList arrays = cache.state(state.layer(), state.run());
            if (state.grows()) {
                rows = Math.toIntExact(arrays.head().getShape().get(1));
            }
            for (int i = 0; i < arrays.size(); i++) {
                given.put(state.names().get(i), arrays.get(i));
            }
        }
        Cache.Position position = new Cache.Position(cache.samples(), cache.length(), rows);
        for (DecodeStep.PositionInputs<?> positions : step.positions()) {
            given.putAll(positions.at(pass, position));
        }
        NDList ordered = new NDList(order.size());
        order.forEach(name -> ordered.add(Objects.requireNonNull(given.get(name), name)));
        NDList results = program.run(ordered);
        results.attach(inputs.head().getManager());
        return new Result(results.head(), results.subNDList(1));
    }

    /** Appends the rows of a step to the cache that it read. */
    void append(ArrayCache cache, ForwardPass pass, NDList rows) {
        int from = 0;
        for (DecodeStep.State state : step.states()) {
            if (state.grows()) {
                int to = from + state.names().size();
                NDList arrays = cache.state(state.layer(), state.run());
                cache.write(pass.ops(), arrays, rows.subNDList(from, to));
                from = to;
            }
        }
    }

    /** Returns the rows last appended, by {@link #append} or by the network itself. */
    NDList lastRows(ArrayCache cache, NDManager manager) {
        NDList rows = new NDList();
        NDIndex last = new NDIndex(":, {}:{}", cache.length(), cache.length() + 1);
        for (DecodeStep.State state : step.states()) {
            if (state.grows()) {
                cache.state(state.layer(), state.run()).forEach(a -> rows.add(a.get(last)));
            }
        }
        rows.attach(manager);
        return rows;
    }

    void close() {
        program.close();
    }
}
