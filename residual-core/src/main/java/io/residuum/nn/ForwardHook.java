package io.residuum.nn;

import ai.djl.ndarray.NDList;

/** A listener to each layer of a forward pass, in the order of computation. */
@FunctionalInterface
public interface ForwardHook {

    /** Runs before a layer computes. */
    default void before(Layer layer) {}

    /**
     * Runs after a layer has computed its outputs.
     *
     * @param layer the layer
     * @param outputs the outputs, in the order of {@link Layer#outputNames}
     */
    void after(Layer layer, NDList outputs);

    /**
     * {@return true if layers must compute outputs that the network's own output does not depend
     * on; the default}
     */
    default boolean needsUnusedOutputs() {
        return true;
    }
}
