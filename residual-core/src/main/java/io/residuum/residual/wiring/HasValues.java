package io.residuum.residual.wiring;

import io.residuum.spec.LayerSpec;

/** A branch with values of a sequence's own positions, as self-attention has. */
public interface HasValues extends LayerSpec {

    /** {@return true if the values are of the input itself and no layer changes them yet} */
    boolean hasPlainValues();

    /**
     * {@return this branch with a layer that changes its values}
     *
     * @param layer the layer, which keeps the shape
     */
    LayerSpec changeValues(LayerSpec layer);
}
