package io.residuum.residual.wiring;

import io.residuum.residual.MergeSpec;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBlock.Tap;
import io.residuum.residual.ShortcutSpec;
import io.residuum.residual.Stream;
import io.residuum.residual.stream.ReadStreams;
import io.residuum.residual.stream.StreamWeights;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.List;

/**
 * Alternating updates (Baykal et al. 2023, arXiv:2301.13310, Section 3; routed as in Gemma 3n): n
 * streams, of which each block computes one. The others are predicted by mixing and corrected by
 * what the block changed. A block is the branch of a unit, so its paths have {@code branch} after
 * its name. The network starts as the plain one.
 *
 * @param streams the number of streams n. Default: 4
 * @param alternate true if block l computes stream l mod n, false if each computes the first.
 *     Default: true
 */
@TypeName("altUp")
public record AltUp(@Default("4") int streams, @Default("true") boolean alternate)
        implements Wiring {
    public AltUp {
        Units.requireStreams(streams);
    }

    @Override
    public LayerSpec wire(String name, List<LayerSpec> blocks, boolean firstChanges) {
        Check.that(
                !firstChanges,
                "stream must not be altUp for blocks that change the width or the positions, got"
                        + " one in %s: use hyperConnections",
                name);
        List<LayerSpec> layers = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            int active = alternate ? i % streams : 0;
            StreamWeights router = new StreamWeights.Router(active, 1e-6);
            layers.add(
                    Residual.builder(blocks.get(i).name(), blocks.get(i))
                            .read(ReadStreams.of(streams, StreamWeights.Fixed.one(active, streams)))
                            .shortcut(new ShortcutSpec.Streams(router))
                            .tap(Tap.CARRY)
                            .merge(new MergeSpec.Correct(active, router))
                            .build());
        }
        return new Stream(name, streams, Stream.Expand.COPY, new Stream.Reduce.Mean(), layers);
    }
}
