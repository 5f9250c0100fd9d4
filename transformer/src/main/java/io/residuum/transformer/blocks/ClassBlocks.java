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
import io.residuum.spec.Doc;
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
 * arXiv:2103.17239, Section 3): a class token that enters behind the other blocks reads the
 * sequence, which itself stays as it is. In each block the token alone asks, over itself and the
 * sequence; the feed-forward network sees the token alone. A mask of the sequence holds for its
 * positions; the token always sees itself.
 *
 * <p>Paths are {@code class} {@code (1, 1, C)}, {@code 0.attention.branch.q.weight}, {@code
 * 0.attention.before.norm.weight}, {@code 0.mlp.branch.up.weight}.
 *
 * @param name its name. Default: empty
 * @param depth how many blocks. Default: 2
 * @param attention the first branch
 * @param feedForward the last branch
 * @param norm ahead of both. Default: layer
 * @param scale what branches are multiplied by. Default: none
 * @param init the token's first values. Default: truncated normal with std 0.02
 */
@TypeName("classBlocks")
@Doc("A class token that reads the sequence (N, T, C) in blocks of its own, (N, 1, C).")
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
        Check.positive("depth", depth);
        Check.that(
                attention.memory() == 0,
                "attention.memory must be 0, got %s: the class token reads the sequence",
                attention.memory());
    }

    @Override
    public Layer newBlock(Shape input) {
        Check.that(input.dimension() == 3, "classBlocks need an input (N, T, C), got %s", input);
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
            blocks.add(Build.child(Integer.toString(i), block, withToken));
        }
        return new ClassBlocksBlock(input, blocks, init.toInit());
    }

    private ResidualBuilder unit(String unitName, LayerSpec branch) {
        return Residual.builder(unitName, branch).before(NormActivation.of(norm)).scale(scale);
    }
}
