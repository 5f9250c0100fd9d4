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
 * Runs a step, and appends to the past what it has computed for it.
 *
 * @param step what it computes
 * @param program computes it, from the inputs in that order
 * @param order the names of the inputs
 */
record DecodeProgram(DecodeStep step, Program program, List<String> order) {

    /** The results of a step. */
    record Result(NDArray output, NDList rows) {}

    /**
     * Computes one further position; the past stays as it is.
     *
     * @param inputs the ids, {@code (N, 1)}, and riders by name
     * @param past what earlier passes have left, with room for the new position
     * @param pass a pass over the inputs behind the past
     * @return the network's output, and rows for {@link #append}
     */
    Result run(NDList inputs, ArrayCache past, ForwardPass pass) {
        Map<String, NDArray> given = new HashMap<>();
        inputs.subNDList(1).forEach(rider -> given.put(rider.getName(), rider));
        given.put(Capture.DATA, inputs.head());
        int rows = 0;
        for (DecodeStep.State state : step.states()) {
            NDList arrays = past.state(state.layer(), state.run());
            if (state.grows()) {
                rows = Math.toIntExact(arrays.head().getShape().get(1));
            }
            for (int i = 0; i < arrays.size(); i++) {
                given.put(state.names().get(i), arrays.get(i));
            }
        }
        Cache.Place place = new Cache.Place(past.samples(), past.length(), rows);
        for (DecodeStep.Fed<?> fed : step.fed()) {
            given.putAll(fed.at(pass, place));
        }
        NDList ordered = new NDList(order.size());
        order.forEach(name -> ordered.add(Objects.requireNonNull(given.get(name), name)));
        NDList results = program.run(ordered);
        results.attach(inputs.head().getManager());
        return new Result(results.head(), results.subNDList(1));
    }

    /**
     * Appends to the past.
     *
     * @param past that the step was computed behind
     * @param pass the same pass
     * @param rows what it computed
     */
    void append(ArrayCache past, ForwardPass pass, NDList rows) {
        int from = 0;
        for (DecodeStep.State state : step.states()) {
            if (state.grows()) {
                int to = from + state.names().size();
                NDList arrays = past.state(state.layer(), state.run());
                past.write(pass.ops(), arrays, rows.subNDList(from, to));
                from = to;
            }
        }
    }

    /** What {@link #append}, or the network itself, has written last; for the given manager. */
    NDList lastRows(ArrayCache past, NDManager manager) {
        NDList rows = new NDList();
        NDIndex last = new NDIndex(":, {}:{}", past.length(), past.length() + 1);
        for (DecodeStep.State state : step.states()) {
            if (state.grows()) {
                past.state(state.layer(), state.run()).forEach(a -> rows.add(a.get(last)));
            }
        }
        rows.attach(manager);
        return rows;
    }

    void close() {
        program.close();
    }
}
