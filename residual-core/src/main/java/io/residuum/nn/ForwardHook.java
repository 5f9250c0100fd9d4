package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** A listener to each layer of a forward pass, in the order of computation. */
@FunctionalInterface
public interface ForwardHook {

    /** A hook that is registered until this is closed. */
    interface Handle extends AutoCloseable {
        /** Removes the hook. */
        @Override
        void close();
    }

    /**
     * Runs before a layer computes.
     *
     * @param inputs what it reads; the hook may replace the elements of this list for this layer
     */
    default void before(Layer layer, NDList inputs) {}

    /**
     * {@return the layer to compute instead of a layer; the layer itself by default} {@link
     * #before} and {@link #after} run for the layer that is replaced, and then for the children of
     * the one that computes.
     */
    default Layer replace(Layer layer) {
        return layer;
    }

    /**
     * Runs after a layer has computed its outputs.
     *
     * @param outputs the outputs, in the order of {@link Layer#outputNames}; the layers that follow
     *     read the elements of this list, which the hook may replace
     */
    void after(Layer layer, NDList outputs);

    /**
     * Runs after a layer has computed attention weights.
     *
     * @param weights the weights {@code (N G, H / G T, K)} of T queries and K keys, with G groups
     *     of H heads; those of a head are T consecutive rows
     */
    default void attention(Layer layer, NDArray weights) {}

    /**
     * {@return true if layers must compute outputs that the network's own output does not depend
     * on; the default}
     */
    default boolean needsUnusedOutputs() {
        return true;
    }
}
