package io.residuum.graph;

import ai.djl.ndarray.NDList;

/** A compiled graph that an engine runs in one call. */
public interface Program extends AutoCloseable {

    /**
     * Runs the graph. If gradients are recorded, they flow to inputs and weights.
     *
     * @param inputs one array for each of {@link Graph#inputs}, in that order, then one {@code (N)}
     *     for each of {@link Graph#draws}
     * @return one array for each of {@link Graph#outputs}, owned by the manager of the first input
     */
    NDList run(NDList inputs);

    /** Frees the program's memory in the engine; weights stay. */
    @Override
    void close();
}
