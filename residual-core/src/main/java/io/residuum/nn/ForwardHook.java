package io.residuum.nn;

import ai.djl.ndarray.NDArray;

/** Sees each layer of a forward pass begin and end, in the order of computation. */
@FunctionalInterface
public interface ForwardHook {

    /**
     * Called before a layer computes.
     *
     * @param layer the layer
     */
    default void before(Layer layer) {}

    /**
     * Called after a layer has computed.
     *
     * @param layer the layer
     * @param output its output
     */
    void after(Layer layer, NDArray output);

    /**
     * Returns true if this hook needs outputs that the network's own output does not depend on.
     *
     * @return true by default
     */
    default boolean needsUnusedOutputs() {
        return true;
    }
}
