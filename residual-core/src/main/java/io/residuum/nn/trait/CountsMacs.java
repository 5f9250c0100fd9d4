package io.residuum.nn.trait;

import ai.djl.ndarray.types.Shape;

/** A layer with convolutions or matrix products of its own. */
public interface CountsMacs {

    /**
     * Counts the multiply-accumulates of this layer without its children.
     *
     * @param in the input's shape; a free batch counts as one sample
     * @return a number of multiply-accumulates
     */
    long macs(Shape in);
}
