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
 * x0 weights of the fastest GPT trainings (Jordan et al. 2024, modded-nanogpt): before each later
 * block a learned sum of its input and the first block's input.
 *
 * @param init the initial weight of the first block's input; that of the block's own is 1. With 0
 *     the network starts as the plain one. Default: 0
 */
@TypeName("x0")
public record InputSkips(@Default("0.0") double init) implements Wiring {
    private static final String STATE = "x0";

    public InputSkips {
        Check.finite("init", init);
    }

    @Override
    public LayerSpec wire(String name, List<LayerSpec> blocks, boolean firstChanges) {
        List<LayerSpec> layers = new ArrayList<>(blocks.subList(0, firstChanges ? 1 : 0));
        int start = layers.size();
        layers.add(new Save("save", STATE));
        for (int i = start; i < blocks.size(); i++) {
            if (i > start) {
                layers.add(new Average("average" + i, Names.of(STATE), List.of(1.0, init)));
            }
            layers.add(blocks.get(i));
        }
        return Stream.of(name, layers);
    }
}
