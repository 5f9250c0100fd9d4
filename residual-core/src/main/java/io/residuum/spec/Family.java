package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;

/** A family of networks: sugar that expands to layers anyone could have written by hand. */
public interface Family extends LayerSpec {

    /**
     * Returns the network as plain layers. They read back from JSON to the same parameters under
     * the same names.
     *
     * @return layers, none of which is a family
     */
    LayerSpec expand();

    @Override
    default LayerSpec expanded() {
        return expand().expanded();
    }

    @Override
    default Layer newBlock(Shape input) {
        return expand().newBlock(input);
    }
}
