package io.residuum.spec;

import java.util.List;

/**
 * A setting for the connections between the layers of a {@link Sequential}, beyond their order. It
 * becomes plain layers, which you could have written by hand.
 *
 * <p>The JSON Schema has this type and {@code Wiring} of {@code io.residuum.residual.wiring}, with
 * the same choices. A sequence takes any connections, also of another jar, because this package
 * does not know residual units. Families of networks take the closed set of wirings, which also say
 * how many channels the blocks read.
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
