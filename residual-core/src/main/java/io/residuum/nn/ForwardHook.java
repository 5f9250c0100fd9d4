package io.residuum.nn;

import ai.djl.ndarray.NDArray;

/** A listener to each layer of a forward pass, in the order of computation. */
@FunctionalInterface
public interface ForwardHook {

    /** Runs before a layer computes. */
    default void before(Layer layer) {}

    /** Runs after a layer has computed its output. */
    void after(Layer layer, NDArray output);

    /**
     * {@return true if layers must compute outputs that the network's own output does not depend
     * on; the default}
     */
    default boolean needsUnusedOutputs() {
        return true;
    }
}
