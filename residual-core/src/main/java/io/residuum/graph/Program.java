package io.residuum.graph;

import ai.djl.ndarray.NDList;

/** A graph that an engine runs as a whole. */
public interface Program extends AutoCloseable {

    /**
     * Runs the graph. Where gradients are recorded, they flow to inputs and weights.
     *
     * @param inputs one array for each of {@link Graph#inputs}, in that order, then one {@code (N)}
     *     for each of {@link Graph#draws}
     * @return one array for each of {@link Graph#outputs}; they belong to the manager of the first
     *     input
     */
    NDList run(NDList inputs);

    /** Frees what the engine keeps for it; weights stay. */
    @Override
    void close();
}
