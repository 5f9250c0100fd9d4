package io.residuum.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;

/** An engine that runs graphs as a whole. */
public interface Target {

    /**
     * Makes a graph executable.
     *
     * @param graph the graph
     * @param weights an array for each of {@link Graph#weights}, by path; shared, not copied, and
     *     those of running statistics are changed by training
     * @param prepared an array for each {@link Leaf.Prepared}, by index; the program takes them
     *     over and frees them
     * @param owner what the program keeps belongs to this manager
     * @return the program
     */
    Program program(
            Graph graph, Map<String, NDArray> weights, List<NDArray> prepared, NDManager owner);

    /**
     * Returns true if one program computes a graph at all sizes that are open in it, beyond the
     * batch.
     *
     * @param graph the graph
     * @return false if {@link #program} needs it captured at a certain size
     */
    boolean servesAnySize(Graph graph);
}
