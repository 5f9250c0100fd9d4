package io.residuum.transformer.family;

import io.residuum.residual.ScaleSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.transformer.blocks.ClassBlocks;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.layers.PatchEmbedding;
import io.residuum.transformer.layers.TakeToken;

/**
 * A class-attention image transformer, {@code (N, C, H, W) -> (N, classes)} (CaiT, Touvron et al.
 * 2021, arXiv:2103.17239). It is a vision transformer with LayerScale and talking heads. Its class
 * token joins after the blocks of the patches and attends to them in further blocks. Its layers are
 * named {@code embedding}, {@code blocks}, {@code classBlocks}, {@code norm} and {@code head}.
 *
 * @param patch size of a patch. Default: 16
 * @param width width of the vectors
 * @param depth number of blocks of the patches
 * @param classDepth number of blocks of the class token. Default: 2
 * @param heads number of attention heads
 * @param talkingHeads true if the blocks of the patches have talking heads. Default: true
 * @param mlpRatio hidden width of the feed-forward networks divided by width. Default: 4
 * @param activation activation of the feed-forward networks. Default: gelu
 * @param norm norm before each branch. Default: layer, eps 1e-6
 * @param scale factor of the branches. Default: LayerScale from 1e-5
 * @param stochasticDepth drop path of the blocks of the patches. Default: none
 * @param dropout dropout of embeddings and branches. Default: 0
 * @param grid grid of the learned positions, in patches; 0 for the grid of the input. Default: 0
 * @param classes number of classes
 */
@WithBuilder
@TypeName("cait")
public record Cait(
        @Default("\"\"") String name,
        @Default("16") Size2d patch,
        int width,
        int depth,
        @Default("2") int classDepth,
        int heads,
        @Default("true") boolean talkingHeads,
        @Default("4.0") double mlpRatio,
        @Default("\"gelu\"") ActivationSpec activation,
        @Default("{\"type\": \"layer\", \"eps\": 1e-6}") NormSpec norm,
        @Default("{\"type\": \"learned\", \"init\": 1e-5, \"perChannel\": true}") ScaleSpec scale,
        @Default("0.0") StochasticDepth stochasticDepth,
        @Default("0.0") double dropout,
        @Default("0") Size2d grid,
        int classes)
        implements Family, CaitBuilder.With {

    private static final InitSpec INIT = new InitSpec.TruncatedNormal(0.02);

    public Cait {
        Check.positive("width", width);
        Check.depth("depth", depth);
        Check.depth("classDepth", classDepth);
        Check.positive("heads", heads);
        Check.rate("dropout", dropout);
        Check.positive("classes", classes);
    }

    /**
     * {@return a CaiT for 1000 classes with heads of width 48 (Touvron et al. 2021, Section 5.2 and
     * Table 3)}
     *
     * @param scale the initial value of LayerScale
     */
    static Cait of(int width, int depth, double scale) {
        return Defaults.fill(CaitBuilder.builder())
                .width(width)
                .depth(depth)
                .heads(width / 48)
                .scale(new ScaleSpec.Learned(scale, true))
                .classes(1000)
                .build();
    }

    @Override
    public Cait withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec deepened(String part, int added) {
        return withDepth(TransformerBlocks.deeper(part, depth, added));
    }

    @Override
    public LayerSpec expand() {
        Attention ofClass =
                Attention.builder(heads)
                        .projection(Attention.Projection.of(true, true, INIT))
                        .dropout(dropout)
                        .build();
        Attention ofPatches = ofClass.withTalkingHeads(talkingHeads);
        FeedForward mlp = FeedForward.plain(mlpRatio, activation, dropout, INIT);
        return new Sequential(
                name,
                PatchEmbedding.builder(patch, width).grid(grid).dropout(dropout).build(),
                TransformerBlocks.of(depth, ofPatches, mlp, norm, NormPlacement.PRE)
                        .withScale(scale)
                        .withStochasticDepth(stochasticDepth),
                new ClassBlocks("classBlocks", classDepth, ofClass, mlp, norm, scale, INIT),
                new Normalization("norm", norm),
                new TakeToken("pool", 0),
                new Linear("head", classes, true, INIT));
    }
}
