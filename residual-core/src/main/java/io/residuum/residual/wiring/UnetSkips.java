package io.residuum.residual.wiring;

import io.residuum.residual.Stream;
import io.residuum.residual.stream.Average;
import io.residuum.residual.stream.Save;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.Names;
import java.util.ArrayList;
import java.util.List;

/**
 * Skips of a U-net across depth (Ronneberger et al. 2015, arXiv:1505.04597; for transformers Bao et
 * al. 2023, arXiv:2209.12152, and modded-nanogpt): each block of the second half adds the output of
 * its mirror in the first half, with learned weights.
 *
 * @param init the initial weight of a skip. With 0 the network starts as the plain one. Default: 0
 */
@TypeName("unet")
public record UnetSkips(@Default("0.0") double init) implements Wiring {
    public UnetSkips {
        Check.finite("init", init);
    }

    @Override
    public LayerSpec wire(String name, List<LayerSpec> blocks, boolean firstChanges) {
        List<LayerSpec> layers = new ArrayList<>(blocks.subList(0, firstChanges ? 1 : 0));
        List<LayerSpec> others = blocks.subList(layers.size(), blocks.size());
        int half = others.size() / 2;
        for (int i = 0; i < others.size(); i++) {
            int mirror = others.size() - 1 - i;
            if (i >= others.size() - half) {
                Names skip = Names.of("skip" + mirror);
                layers.add(new Average("skip" + i, skip, List.of(1.0, init)));
            }
            layers.add(others.get(i));
            if (i < half) {
                layers.add(new Save("save" + i, "skip" + i));
            }
        }
        return Stream.of(name, layers);
    }
}
