package io.residuum.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;

/** An engine that compiles and runs graphs. */
public interface Target {

    /**
     * {@return a graph compiled for this engine}
     *
     * @param weights an array for each of {@link Graph#weights}, by path. They are shared, not
     *     copied, and training changes the running statistics
     * @param prepared an array for each {@link Leaf.Prepared}, by index; the program owns and frees
     *     them
     * @param owner the manager that owns the program's own arrays
     */
    Program program(
            Graph graph, Map<String, NDArray> weights, List<NDArray> prepared, NDManager owner);

    /**
     * Returns true if one program computes a graph for all values of its open sizes. Returns false
     * if {@link #program} needs a graph captured with fixed sizes, except for the batch.
     */
    boolean servesAnySize(Graph graph);

    /**
     * Returns true if programs compute values that depend only on weights once. Else such values
     * are computed before and given as prepared ones.
     */
    default boolean foldsConstants() {
        return false;
    }
}
