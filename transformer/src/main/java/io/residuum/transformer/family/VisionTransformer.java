package io.residuum.transformer.family;

import io.residuum.residual.ScaleSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.ActivationSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.Family;
import io.residuum.spec.GlobalAveragePool;
import io.residuum.spec.InitSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Linear;
import io.residuum.spec.NormSpec;
import io.residuum.spec.Normalization;
import io.residuum.spec.Sequential;
import io.residuum.spec.Size2d;
import io.residuum.spec.TypeName;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.layers.DistilledHead;
import io.residuum.transformer.layers.PatchEmbedding;
import io.residuum.transformer.layers.TakeToken;
import java.util.ArrayList;
import java.util.List;

/**
 * A vision transformer, {@code (N, C, H, W) -> (N, classes)} (Dosovitskiy et al. 2021,
 * arXiv:2010.11929), and its relatives. Parts are named {@code embedding}, {@code blocks}, {@code
 * norm} and {@code head}. Positions are interpolated for images of another size.
 *
 * @param name its name. Default: empty
 * @param patch the size of a patch
 * @param width of vectors
 * @param depth how many blocks
 * @param heads of attention
 * @param headWidth the width of a head, 0 for width / heads. Default: 0
 * @param mlpRatio the feed-forward width by width. Default: 4
 * @param activation of the feed-forward network. Default: gelu
 * @param norm the norm. Default: layer, eps 1e-6
 * @param placement where norms stand. Default: pre
 * @param pool what the head reads: the class token, both tokens of a distilled model (Touvron et
 *     al. 2021, arXiv:2012.12877), or the mean of the patches. Default: class
 * @param tokenPositions whether the tokens ahead of the patches have positions. Default: true
 * @param scale what branches are multiplied by: LayerScale (Touvron et al. 2021, arXiv:2103.17239)
 *     is learned, one a channel. Default: none
 * @param stochasticDepth drop-path over the blocks. Default: none
 * @param dropout of embeddings and branches. Default: 0
 * @param grid the grid of the learned positions, in patches; 0 for the input's own. Default: 0
 * @param classes how many
 */
@TypeName("vit")
@Doc("A vision transformer.")
public record VisionTransformer(
        @Default("\"\"") String name,
        Size2d patch,
        int width,
        int depth,
        int heads,
        @Default("0") int headWidth,
        @Default("4.0") double mlpRatio,
        @Default("\"gelu\"") ActivationSpec activation,
        @Default("{\"type\": \"layer\", \"eps\": 1e-6}") NormSpec norm,
        @Default("\"pre\"") NormPlacement placement,
        @Default("\"class\"") Pool pool,
        @Default("true") boolean tokenPositions,
        @Default("\"none\"") ScaleSpec scale,
        @Default("0.0") StochasticDepth stochasticDepth,
        @Default("0.0") double dropout,
        @Default("0") Size2d grid,
        int classes)
        implements Family {

    private static final InitSpec INIT = new InitSpec.TruncatedNormal(0.02);

    /** What the head reads. */
    public enum Pool {
        /** A learned token ahead of the patches. */
        CLASS("class"),
        /** A class token and a distillation token, each with a classifier. */
        DISTILLED("class", "distillation"),
        /** The mean of the patches. */
        MEAN;

        private final List<String> tokens;

        Pool(String... tokens) {
            this.tokens = List.of(tokens);
        }
    }

    /** Checks the parts. */
    public VisionTransformer {
        Check.positive("width", width);
        Check.positive("depth", depth);
        Check.positive("heads", heads);
        Check.rate("dropout", dropout);
        Check.positive("classes", classes);
    }

    /**
     * A ViT for 1000 classes.
     *
     * @param patch the size of a patch
     * @param width of vectors
     * @param depth how many blocks
     * @param heads of attention
     * @return the model, with a class token
     */
    static VisionTransformer of(int patch, int width, int depth, int heads) {
        return new VisionTransformer(
                "",
                Size2d.of(patch),
                width,
                depth,
                heads,
                0,
                4,
                new ActivationSpec.Gelu(),
                new NormSpec.OfLayer(1e-6, 1),
                NormPlacement.PRE,
                Pool.CLASS,
                true,
                ScaleSpec.NONE,
                StochasticDepth.NONE,
                0,
                Size2d.of(0),
                1000);
    }

    /**
     * The same read otherwise, by tokens with or without positions.
     *
     * @param value what the head reads
     * @param positions whether the tokens ahead have positions
     * @return a new model
     */
    VisionTransformer withPool(Pool value, boolean positions) {
        return new VisionTransformer(
                name,
                patch,
                width,
                depth,
                heads,
                headWidth,
                mlpRatio,
                activation,
                norm,
                placement,
                value,
                positions,
                scale,
                stochasticDepth,
                dropout,
                grid,
                classes);
    }

    /**
     * The same with multiplied and dropped branches.
     *
     * @param factor what branches are multiplied by
     * @param dropped drop-path over the blocks
     * @return a new model
     */
    VisionTransformer withScale(ScaleSpec factor, StochasticDepth dropped) {
        return new VisionTransformer(
                name,
                patch,
                width,
                depth,
                heads,
                headWidth,
                mlpRatio,
                activation,
                norm,
                placement,
                pool,
                tokenPositions,
                factor,
                dropped,
                dropout,
                grid,
                classes);
    }

    /**
     * The same with another norm.
     *
     * @param value the norm
     * @return a new model
     */
    VisionTransformer withNorm(NormSpec value) {
        return new VisionTransformer(
                name,
                patch,
                width,
                depth,
                heads,
                headWidth,
                mlpRatio,
                activation,
                value,
                placement,
                pool,
                tokenPositions,
                scale,
                stochasticDepth,
                dropout,
                grid,
                classes);
    }

    @Override
    public VisionTransformer withClasses(int value) {
        return new VisionTransformer(
                name,
                patch,
                width,
                depth,
                heads,
                headWidth,
                mlpRatio,
                activation,
                norm,
                placement,
                pool,
                tokenPositions,
                scale,
                stochasticDepth,
                dropout,
                grid,
                value);
    }

    @Override
    public LayerSpec expand() {
        Attention attention =
                Attention.builder(heads)
                        .heads(0, headWidth)
                        .projection(Attention.Projection.of(true, true, INIT))
                        .dropout(0, dropout)
                        .build();
        FeedForward mlp = FeedForward.plain(mlpRatio, activation, dropout, INIT);
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(
                new PatchEmbedding(
                        "embedding",
                        patch,
                        width,
                        true,
                        pool.tokens,
                        true,
                        tokenPositions,
                        grid,
                        dropout,
                        INIT));
        layers.add(
                TransformerBlocks.of(depth, attention, mlp, norm, placement)
                        .withScale(scale, stochasticDepth));
        if (!placement.normsSum()) {
            layers.add(new Normalization("norm", norm));
        }
        switch (pool) {
            case CLASS -> layers.add(new TakeToken("pool", 0));
            case MEAN -> layers.add(new GlobalAveragePool("pool"));
            case DISTILLED -> {}
        }
        layers.add(
                pool == Pool.DISTILLED
                        ? new DistilledHead("head", classes, INIT)
                        : new Linear("head", classes, true, INIT));
        return new Sequential(name, layers);
    }
}
