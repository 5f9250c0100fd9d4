package io.residuum.spec;

import java.util.List;

/**
 * A setting for the connections between the layers of a {@link Sequential}, beyond their order. It
 * becomes plain layers, which you could have written by hand.
 */
public interface Connections {

    /**
     * {@return the layers with these connections}
     *
     * @param name the name of the result; may be empty
     * @param layers the layers, in order
     * @throws SpecException if a layer cannot have them
     */
    LayerSpec connect(String name, List<LayerSpec> layers);
}
