package io.residuum.nn;

import java.util.List;

/** A layer that runs layers one after another, by {@link io.residuum.nn.ForwardPass#sequence}. */
public interface InSequence {

    /**
     * {@return the layers in the order of computation; empty if one of them reads more than the
     * outputs of the one before, such as a saved state}
     */
    List<Layer> sequence();
}
