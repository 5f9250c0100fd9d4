package io.residuum.transformer.family;

import io.residuum.residual.ScaleSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
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
 * 2021, arXiv:2103.17239): a vision transformer with LayerScale and talking heads, whose class
 * token enters behind the blocks of the patches and reads them in blocks of its own. Parts are
 * named {@code embedding}, {@code blocks}, {@code classBlocks}, {@code norm} and {@code head}.
 *
 * @param name its name. Default: empty
 * @param patch the size of a patch. Default: 16
 * @param width of vectors
 * @param depth how many blocks of the patches
 * @param classDepth how many blocks of the class token. Default: 2
 * @param heads of attention
 * @param talkingHeads whether heads talk in the blocks of the patches. Default: true
 * @param mlpRatio the feed-forward width by width. Default: 4
 * @param activation of the feed-forward networks. Default: gelu
 * @param norm the norm, ahead of each branch. Default: layer, eps 1e-6
 * @param scale what branches are multiplied by. Default: LayerScale from 1e-5
 * @param stochasticDepth drop-path over the blocks of the patches. Default: none
 * @param dropout of embeddings and branches. Default: 0
 * @param grid the grid of the learned positions, in patches; 0 for the input's own. Default: 0
 * @param classes how many
 */
@WithBuilder
@TypeName("cait")
@Doc(
        "A class-attention image transformer: LayerScale, talking heads, a class token that comes"
                + " late.")
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
        Check.positive("depth", depth);
        Check.positive("classDepth", classDepth);
        Check.positive("heads", heads);
        Check.rate("dropout", dropout);
        Check.positive("classes", classes);
    }

    /**
     * Creates a CaiT for 1000 classes (Touvron et al. 2021, Section 5.2 and Table 3).
     *
     * @param width of vectors, 48 a head
     * @param depth how many blocks of the patches
     * @param scale the first value of LayerScale
     * @return the model
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
