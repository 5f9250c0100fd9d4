package io.residuum.residual.wiring;

import io.residuum.residual.ShortcutSpec;
import io.residuum.residual.Stream;
import io.residuum.residual.stream.StreamWeights.Fixed;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import java.util.List;

/**
 * Momentum residual networks (Sander et al. 2021, arXiv:2102.07870, Section 3): {@code v = gamma v
 * + (1 - gamma) F(x)}, then {@code x = x + v}, from v = 0. Training can compute the units' inputs
 * from their outputs. A unit that changes the shape has no inverse and leaves v.
 *
 * @param gamma the momentum, in [0, 1); with 0 the network is the plain one. Default: 0.9
 */
@TypeName("momentum")
public record Momentum(@Default("0.9") double gamma) implements Wiring {
    public Momentum {
        Check.rate("gamma", gamma);
    }

    @Override
    public LayerSpec wire(String name, List<LayerSpec> blocks, boolean firstChanges) {
        Units.requireNothingAfter(blocks);
        Units.Weights weights =
                new Units.Weights(
                        Fixed.of(1, 0),
                        new ShortcutSpec.Streams(Fixed.of(1, gamma, 0, gamma)),
                        Fixed.of(1 - gamma, 1 - gamma),
                        Fixed.of(1, 0));
        return Units.onStreams(
                name, blocks, 2, Stream.Expand.FIRST, new Stream.Reduce.First(), unit -> weights);
    }
}
