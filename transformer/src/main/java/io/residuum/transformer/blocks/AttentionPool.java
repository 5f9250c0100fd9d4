package io.residuum.transformer.blocks;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;

/**
 * Attention pooling, {@code (N, T, C) -> (N, C)}: a learned query reads the sequence, then a
 * feed-forward network with a norm and a shortcut follows (Zhai et al. 2022, arXiv:2106.04560,
 * Section 2; SigLIP, Zhai et al. 2023, arXiv:2303.15343).
 *
 * <p>Parameters: {@code probe} {@code (1, 1, C)}, and those below {@code attention}, {@code
 * mlp.before.norm} and {@code mlp.branch}.
 *
 * @param attention attention of the query
 * @param feedForward network after it
 * @param norm norm before the network. Default: layer
 * @param init initial query. Default: truncated normal with std 0.02
 */
@TypeName("attentionPool")
public record AttentionPool(
        @Default("\"\"") String name,
        Attention attention,
        FeedForward feedForward,
        @Default("\"layer\"") NormSpec norm,
        @Default("\"truncatedNormal\"") InitSpec init)
        implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        Check.that(
                input.dimension() == 3,
                "the input of attentionPool must be (N, T, C), got %s",
                input);
        int width = Math.toIntExact(Shapes.channels(input));
        Shape one = new Shape(-1, 1, width);
        LayerSpec unit =
                Residual.builder("mlp", feedForward).before(NormActivation.of(norm)).build();
        return new AttentionPoolBlock(
                input,
                Build.child("attention", attention.overMemory(width), one),
                Build.child("mlp", unit, one),
                init.toInit());
    }
}
