package io.residuum.residual.wiring;

import io.residuum.residual.Stream;
import io.residuum.residual.stream.StreamWeights;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.Defaults;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Hyper-connections (Zhu et al. 2024, arXiv:2409.19606): n streams, which each unit reads, mixes
 * and writes with learned weights. With the initial weights of the paper (Section 2.3) the network
 * starts as the plain one: unit l reads stream l mod n. The paper reduces by the sum, which a norm
 * after the last unit turns into the mean.
 *
 * @param streams the number of streams n, the paper's expansion rate. Default: 4
 * @param dynamic true for weights that depend on the position. Default: true
 * @param scale the initial scale of the part that depends on the position. Default: 0.01
 * @param reduce the output. Default: mean
 */
@TypeName("hyperConnections")
public record HyperConnections(
        @Default("4") int streams,
        @Default("true") boolean dynamic,
        @Default("0.01") double scale,
        @Default("\"mean\"") Stream.Reduce reduce)
        implements Wiring {
    public HyperConnections {
        Units.requireStreams(streams);
        Check.finite("scale", scale);
        if (!dynamic) {
            Defaults.requireUnread(
                    HyperConnections.class, Map.of("scale", scale), "dynamic is false");
        }
    }

    @Override
    public LayerSpec wire(String name, List<LayerSpec> blocks, boolean firstChanges) {
        return Units.onStreams(
                name,
                blocks,
                streams,
                reduce,
                unit ->
                        new Units.Weights(
                                weights(StreamWeights.Fixed.one(unit % streams, streams).values()),
                                weights(List.of()),
                                weights(Collections.nCopies(streams, 1.0))));
    }

    private StreamWeights weights(List<Double> init) {
        return dynamic
                ? new StreamWeights.Tanh(init, scale, 1e-6)
                : new StreamWeights.Learned(init);
    }
}
