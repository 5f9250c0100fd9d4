package io.residuum.residual.wiring;

import io.residuum.residual.Stream;
import io.residuum.residual.stream.StreamWeights;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.Defaults;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Manifold-constrained hyper-connections (Xie et al. 2025, arXiv:2512.24880, Section 4;
 * DeepSeek-V4): n streams with nearly doubly stochastic mixing, so that signals neither grow nor
 * vanish over depth.
 *
 * <p>At the start unit l reads 0.7 of stream l mod n and equal parts of the others. Equal reads
 * would keep equal streams equal for ever. The network starts as the plain one, up to eps.
 *
 * @param streams the number of streams n. Default: 4
 * @param iterations the iterations of Sinkhorn and Knopp. Default: 20
 * @param eps added to shares and sums, and to the weights of reading. Default: 1e-6
 * @param dynamic true for weights that depend on the position. Default: true
 * @param scale the initial scale of the part that depends on the position. Default: 0.01
 * @param reduce the output. Default: mean
 */
@TypeName("manifoldHyperConnections")
public record ManifoldHyperConnections(
        @Default("4") int streams,
        @Default("20") int iterations,
        @Default("1e-6") double eps,
        @Default("true") boolean dynamic,
        @Default("0.01") double scale,
        @Default("\"mean\"") Stream.Reduce reduce)
        implements Wiring {
    private static final double FAVOURITE = 0.7;
    private static final double DIAGONAL = 8;
    private static final double NORM_EPS = 1e-6;

    public ManifoldHyperConnections {
        Units.requireStreams(streams);
        Check.positive("iterations", iterations);
        Check.notNegative("eps", eps);
        Check.finite("scale", scale);
        if (!dynamic) {
            Defaults.requireUnread(
                    ManifoldHyperConnections.class, Map.of("scale", scale), "dynamic is false");
        }
    }

    @Override
    public LayerSpec wire(String name, List<LayerSpec> blocks, boolean firstChanges) {
        StreamWeights carry =
                new StreamWeights.Sinkhorn(iterations, DIAGONAL, eps, dynamic, scale, NORM_EPS);
        StreamWeights write = sigmoid(List.of(), 2, 0);
        return Units.onStreams(
                name,
                blocks,
                streams,
                reduce,
                unit -> new Units.Weights(sigmoid(shares(unit), 1, eps), carry, write));
    }

    private StreamWeights sigmoid(List<Double> init, double factor, double bound) {
        return new StreamWeights.Sigmoid(init, factor, bound, dynamic, scale, NORM_EPS);
    }

    private List<Double> shares(int unit) {
        double other = (1 - FAVOURITE) / (streams - 1);
        List<Double> shares = new ArrayList<>(Collections.nCopies(streams, other));
        shares.set(unit % streams, FAVOURITE);
        return shares;
    }
}
