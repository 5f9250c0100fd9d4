package io.residuum.nn.trait;

import ai.djl.ndarray.types.Shape;

/** A layer that computes convolutions or matrix products itself. */
public interface CountsMacs {

    /**
     * {@return the number of multiply-accumulates of this layer, without its children}
     *
     * @param in the shape of the input; a free batch counts as one sample
     */
    long macs(Shape in);
}
