package io.residuum.inspect;

import io.residuum.nn.Layer;
import io.residuum.residual.Merge;
import io.residuum.residual.ResidualBlock;
import java.util.Optional;

/**
 * A unit of a network: an outermost residual block, or a layer of a network without any.
 *
 * @param path the path in the network; of a tied unit, which runs several times, with {@code #2}
 *     for its second run and so on
 * @param layer the layer
 */
public record Unit(String path, Layer layer) {

    /** {@return the residual block, if it is one} */
    public Optional<ResidualBlock> block() {
        return layer instanceof ResidualBlock block ? Optional.of(block) : Optional.empty();
    }

    /** {@return true if a shortcut leads around its branch; false for a unit of a plain network} */
    public boolean hasShortcut() {
        return block().filter(b -> !(b.merge() instanceof Merge.BranchOnly)).isPresent();
    }
}
