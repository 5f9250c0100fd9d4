package io.residuum.transformer.blocks;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBuilder;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import java.util.ArrayList;
import java.util.List;

/**
 * The class-attention stage of CaiT, {@code (N, T, C) -> (N, 1, C)} (Touvron et al. 2021,
 * arXiv:2103.17239, Section 3). A class token joins after the other blocks and reads their output,
 * which stays constant. In each block only the token has a query, over itself and the sequence. The
 * feed-forward network processes only the token. A mask applies to the sequence; the token always
 * sees itself.
 *
 * <p>Paths are {@code class} {@code (1, 1, C)}, {@code 0.attention.branch.q.weight}, {@code
 * 0.attention.before.norm.weight}, {@code 0.mlp.branch.up.weight}.
 *
 * @param depth number of blocks. Default: 2
 * @param attention first branch
 * @param feedForward second branch
 * @param norm norm before both branches. Default: layer
 * @param scale factor of the branches. Default: none
 * @param init initial values of the token. Default: truncated normal with std 0.02
 */
@TypeName("classBlocks")
public record ClassBlocks(
        @Default("\"\"") String name,
        @Default("2") int depth,
        Attention attention,
        FeedForward feedForward,
        @Default("\"layer\"") NormSpec norm,
        @Default("\"none\"") ScaleSpec scale,
        @Default("\"truncatedNormal\"") InitSpec init)
        implements LayerSpec {
    public ClassBlocks {
        Check.depth("depth", depth);
        Check.that(
                attention.memory() == 0,
                "attention.memory must be 0, got %s: the class token reads the sequence",
                attention.memory());
    }

    @Override
    public Layer newBlock(Shape input) {
        Check.that(
                input.dimension() == 3,
                "the input of classBlocks must be (N, T, C), got %s",
                input);
        Shape withToken = new Shape(-1, input.get(1) + 1, Shapes.channels(input));
        LayerSpec block =
                new Sequential(
                        "",
                        unit("attention", attention.ofFirst(1))
                                .shortcut(new ShortcutSpec.First())
                                .build(),
                        unit("mlp", feedForward).build());
        List<Layer> blocks = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            blocks.add(Build.child(Integer.toString(i), block.atDepth(i, depth), withToken));
        }
        return new ClassBlocksBlock(input, blocks, init.toInit());
    }

    private ResidualBuilder unit(String unitName, LayerSpec branch) {
        return Residual.builder(unitName, branch).before(NormActivation.of(norm)).scale(scale);
    }
}
