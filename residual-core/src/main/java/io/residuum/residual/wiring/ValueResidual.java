package io.residuum.residual.wiring;

import io.residuum.residual.Stream;
import io.residuum.residual.stream.Average;
import io.residuum.residual.stream.Save;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.Names;
import java.util.List;

/**
 * Value residuals (Zhou et al. 2024, arXiv:2410.17897, Section 3.2): the attention of each later
 * block adds the first block's values to its own, with two learned weights a block.
 *
 * @param init the initial weight of the first block's values; that of the block's own is 1. With 0
 *     the network starts as the plain one. Default: 0
 */
@TypeName("valueResidual")
public record ValueResidual(@Default("0.0") double init) implements Wiring {
    private static final String STATE = "values";

    public ValueResidual {
        Check.finite("init", init);
    }

    @Override
    public LayerSpec wire(String name, List<LayerSpec> blocks, boolean firstChanges) {
        int[] found = {0};
        List<LayerSpec> layers =
                Units.map(blocks, unit -> List.of(unit.withBranch(wired(unit.branch(), found))));
        Check.that(
                found[0] > 1,
                "stream must not be valueResidual for fewer than two attention layers, got %s",
                found[0]);
        return Stream.of(name, layers);
    }

    private LayerSpec wired(LayerSpec branch, int[] found) {
        if (branch instanceof HasValues attention && attention.hasPlainValues()) {
            return attention.changeValues(
                    found[0]++ == 0
                            ? new Save("", STATE)
                            : new Average("", Names.of(STATE), List.of(1.0, init)));
        }
        return branch.withLayers(layer -> wired(layer, found));
    }
}
