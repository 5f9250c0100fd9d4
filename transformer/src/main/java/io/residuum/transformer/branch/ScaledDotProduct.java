package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Scaled dot-product attention, {@code softmax(scale q k' + bias) v} (Vaswani et al. 2017). */
final class ScaledDotProduct {
    private final double scale;
    private final double softCap;
    private final boolean talkingHeads;
    final Layer talkScores;
    final Layer sinks;
    final Layer talkWeights;
    final Layer weightDropout;
    final @Nullable RelativeBias relative;
    final @Nullable DisentangledBias disentangled;

    /** Creates the product for scores of shape {@code (-1, H / G T, K)}. */
    ScaledDotProduct(
            Shape scores, Attention spec, Heads heads, @Nullable DisentangledBias disentangled) {
        scale = scale(spec, heads);
        this.disentangled = disentangled;
        softCap = spec.softCap();
        talkingHeads = spec.talkingHeads();
        talkScores = talking(scores, spec, heads);
        talkWeights = talking(scores, spec, heads);
        sinks = spec.sinks() ? new SinkBlock(scores, heads) : new IdentityBlock(scores);
        weightDropout = DropoutBlock.of(scores, spec.weightDropout());
        relative = RelativeBias.of(scores, spec, heads);
    }

    /** {@return the factor of the queries} */
    static double scale(Attention spec, Heads heads) {
        double usual =
                spec.cosine() ? 1 : 1 / Math.sqrt((double) heads.width() * spec.position().terms());
        return spec.scale() == 0 ? usual : spec.scale();
    }

    private static Layer talking(Shape scores, Attention spec, Heads heads) {
        Init init = spec.projection().init().toInit();
        return spec.talkingHeads()
                ? new TalkingHeadsBlock(scores, heads.queries(), heads.groups(), init)
                : new IdentityBlock(scores);
    }

    /**
     * {@return the weighted sums of values, {@code (N G, H / G T, D)}}
     *
     * @param layer the attention that the weights belong to
     * @param q queries {@code (N G, H / G T, D)}
     * @param kv keys and values {@code (N G, K, D)}
     * @param settings the settings of the bias of the scores
     */
    NDArray forward(
            ForwardPass pass,
            Layer layer,
            NDArray q,
            KeysAndValues kv,
            AttentionBias.Settings settings) {
        Ops ops = pass.ops();
        AttentionBias bias = pass.shared(settings);
        // Queries are scaled rather than scores, because they are smaller.
        NDArray scaled = scale == 1 ? q : ops.mul(q, scale);
        NDArray scores = ops.batchedProductTransposed(scaled, kv.keys());
        if (disentangled != null) {
            scores = disentangled.add(pass, scores, scaled, kv.keys());
        }
        if (softCap > 0) {
            scores = ops.mul(ops.div(scores, softCap).tanh(), softCap);
        }
        scores = talkScores.forward(pass, scores);
        if (relative != null) {
            scores = relative.add(pass, scores, settings);
        }
        NDArray sink = sinks instanceof SinkBlock ? sinks.forward(pass, scores) : null;
        if (bias.bias() != null) {
            scores = ops.add(scores, bias.bias());
        }
        NDArray weights = talkWeights.forward(pass, softmax(scores, sink));
        if (talkingHeads) {
            // The bias of the map would give hidden keys a weight.
            Optional<NDArray> mask = pass.shared(new AttentionBias.KeyMask(settings));
            weights = mask.isEmpty() ? weights : weights.mul(mask.get());
        }
        ForwardHook hook = pass.hook();
        if (hook != null) {
            hook.attention(layer, weights);
        }
        NDArray read = ops.batchedProduct(weightDropout.forward(pass, weights), kv.values());
        return bias.rowMask() == null ? read : read.mul(bias.rowMask());
    }

    private static NDArray softmax(NDArray scores, @Nullable NDArray sink) {
        if (sink == null) {
            return scores.softmax(2);
        }
        NDArray all = NDArrays.concat(new NDList(scores, sink), 2).softmax(2);
        return all.get(":, :, 0:{}", scores.getShape().get(2));
    }
}
