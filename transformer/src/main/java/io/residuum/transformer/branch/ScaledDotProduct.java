package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import java.util.Optional;

/** Scaled dot-product attention, {@code softmax(scale q k' + bias) v} (Vaswani et al. 2017). */
final class ScaledDotProduct {
    private final double scale;
    private final double softCap;
    private final boolean talks;
    final Layer talkScores;
    final Layer talkWeights;
    final Layer weightDropout;

    /**
     * Creates the product.
     *
     * @param scores {@code (-1, H / G T, K)}
     * @param spec the settings of attention
     * @param heads its sizes
     */
    ScaledDotProduct(Shape scores, Attention spec, Heads heads) {
        scale = spec.scale() == 0 ? 1 / Math.sqrt(heads.width()) : spec.scale();
        softCap = spec.softCap();
        talks = spec.talkingHeads();
        talkScores = talking(scores, spec, heads);
        talkWeights = talking(scores, spec, heads);
        weightDropout = DropoutBlock.of(scores, spec.weightDropout());
    }

    private static Layer talking(Shape scores, Attention spec, Heads heads) {
        Init init = spec.projection().init().toInit();
        return spec.talkingHeads()
                ? new TalkingHeadsBlock(scores, heads.queries(), heads.groups(), init)
                : new IdentityBlock(scores);
    }

    /**
     * Computes what queries read.
     *
     * @param pass the pass
     * @param q queries {@code (N G, H / G T, D)}
     * @param kv keys and values {@code (N G, K, D)}
     * @param recipe makes the bias of the scores
     * @return {@code (N G, H / G T, D)}
     */
    NDArray forward(ForwardPass pass, NDArray q, KeysAndValues kv, AttentionBias.Recipe recipe) {
        Ops ops = pass.ops();
        AttentionBias bias = pass.shared(recipe);
        // Scaled before the product, where there is less to multiply.
        NDArray scores = ops.batchedProductTransposed(ops.mul(q, scale), kv.keys());
        if (softCap > 0) {
            scores = ops.mul(ops.div(scores, softCap).tanh(), softCap);
        }
        scores = talkScores.forward(pass, scores);
        if (bias.bias() != null) {
            scores = ops.add(scores, bias.bias());
        }
        NDArray weights = talkWeights.forward(pass, scores.softmax(2));
        if (talks) {
            // The mixed weights of hidden keys stay 0 in spite of the map's bias.
            Optional<NDArray> seen = pass.shared(new AttentionBias.Seen(recipe));
            weights = seen.isEmpty() ? weights : weights.mul(seen.get());
        }
        NDArray read = ops.batchedProduct(weightDropout.forward(pass, weights), kv.values());
        return bias.open() == null ? read : read.mul(bias.open());
    }
}
