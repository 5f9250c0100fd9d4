package io.residuum.residual.wiring;

import io.residuum.residual.ShortcutSpec;
import io.residuum.residual.Stream;
import io.residuum.residual.stream.StreamWeights.Fixed;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import java.util.List;

/**
 * Additive couplings of two streams (RevNet, Gomez et al. 2017, arXiv:1707.04585, Section 3.1): one
 * unit adds its branch of the second stream to the first, the next one its branch of the first to
 * the second. Training can compute the units' inputs from their outputs. A unit that changes the
 * shape has no inverse.
 *
 * @param split true for RevNet's streams, the halves of the channels, so that units have half of
 *     the network's width. False for two copies of the input, whose mean is the output (Reformer,
 *     Kitaev et al. 2020, arXiv:2001.04451, Section 3). Default: false
 */
@TypeName("reversible")
public record Reversible(@Default("false") boolean split) implements Wiring {
    private static final int STREAMS = 2;

    @Override
    public LayerSpec wire(String name, List<LayerSpec> blocks, boolean firstChanges) {
        Units.requireNothingAfter(blocks);
        return Units.onStreams(
                name,
                blocks,
                STREAMS,
                split ? Stream.Expand.SPLIT : Stream.Expand.COPY,
                split ? new Stream.Reduce.Concat() : new Stream.Reduce.Mean(),
                unit -> {
                    Fixed written = Fixed.one(unit % STREAMS, STREAMS);
                    return new Units.Weights(
                            Fixed.one((unit + 1) % STREAMS, STREAMS),
                            ShortcutSpec.IDENTITY,
                            written,
                            // Copies stay equal until the first coupling.
                            split ? written : Fixed.of(1, 1));
                });
    }

    @Override
    public int channels(int width) {
        return split ? Math.multiplyExact(STREAMS, width) : width;
    }
}
