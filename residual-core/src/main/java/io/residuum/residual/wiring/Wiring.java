package io.residuum.residual.wiring;

import io.residuum.spec.Connections;
import io.residuum.spec.LayerSpec;
import java.util.List;

/**
 * A setting for the connections between the residual units of a network, beyond the sum of each
 * unit. It becomes settings of the units and layers between them, which you could have written by
 * hand.
 */
public sealed interface Wiring extends Connections
        permits Plain,
                HyperConnections,
                ManifoldHyperConnections,
                DenseFormer,
                ValueResidual,
                InputSkips,
                AttentionResiduals,
                Laurel,
                AltUp,
                UnetSkips,
                Reversible,
                Momentum {

    /** Units in sequence. */
    Wiring PLAIN = new Plain();

    /**
     * {@return the blocks with these connections}
     *
     * @param name the name of the result; may be empty
     * @param blocks named blocks in order, each a {@code Residual} or a {@code Sequential} of them
     * @param firstChanges true if the first block changes the width or the positions
     */
    LayerSpec wire(String name, List<LayerSpec> blocks, boolean firstChanges);

    @Override
    default LayerSpec connect(String name, List<LayerSpec> layers) {
        return wire(name, Units.blocks(layers), false);
    }

    /**
     * {@return the channels before the first block; by default the width}
     *
     * @param width the width of the blocks
     */
    default int channels(int width) {
        return width;
    }
}
