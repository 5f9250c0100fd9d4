package io.residuum.transformer.family;

import io.residuum.residual.ScaleSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.residual.wiring.Wiring;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.Border;
import io.residuum.spec.layers.spatial.Crop;
import io.residuum.spec.layers.spatial.Sides;
import io.residuum.transformer.blocks.AttentionPool;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.layers.DistilledHead;
import io.residuum.transformer.layers.PatchEmbedding;
import io.residuum.transformer.layers.TakeToken;
import java.util.ArrayList;
import java.util.List;

/**
 * A vision transformer, {@code (N, C, H, W) -> (N, classes)} (Dosovitskiy et al. 2021,
 * arXiv:2010.11929), and its variants. Its layers are named {@code embedding}, {@code blocks},
 * {@code norm} and {@code head}. Positions are interpolated for images of another size.
 *
 * @param patch size of a patch
 * @param width width of the vectors
 * @param depth number of blocks
 * @param heads number of attention heads
 * @param headWidth width of a head, 0 for width / heads. Default: 0
 * @param mlpRatio hidden width of the feed-forward network divided by width. Default: 4
 * @param activation activation of the feed-forward network. Default: gelu
 * @param norm kind of norm. Default: layer, eps 1e-6
 * @param placement placement of the norms. Default: pre
 * @param stream connections between the units, such as hyper-connections. Default: plain
 * @param queryKeyNorm norm over each head of queries and keys. Default: none
 * @param mapBias true if the maps to queries, keys and values have biases. Default: true
 * @param keyBias true if the maps to keys have biases if those to queries and values have. Default:
 *     true
 * @param outputBias true if the maps after attention and in the feed-forward networks have biases.
 *     Default: true
 * @param attentionNorm norm of the joined heads before their map. Default: none
 * @param position positions within attention. Default: none
 * @param gated true if the feed-forward network has a gate, as in SwiGLU. Default: false
 * @param innerNorm norm of the hidden layer of the feed-forward network. Default: none
 * @param patchNorm norm of the patches before positions are added. Default: none
 * @param inputNorm norm before the blocks, as in CLIP, whose patch projection then has no bias.
 *     Default: false
 * @param headNorm true if the last norm follows the pooling instead of the blocks. Default: false
 * @param finalNorm true if a norm follows the blocks or, with {@code headNorm}, the pooling.
 *     Default: true
 * @param pool input of the head: the class token, both tokens of a distilled model (Touvron et al.
 *     2021, arXiv:2012.12877), the mean of the patches, the class token and this mean, attention
 *     with a learned query to all tokens or to the patches, or none for no head. Default: class
 * @param poolHeads number of heads of the attention with a learned query; 0 for heads. Default: 0
 * @param classToken true if a class token precedes the patches if the pool does not read it.
 *     Default: false
 * @param registers number of learned tokens between the class token and the patches, without
 *     positions (Darcet et al. 2024, arXiv:2309.16588). Default: 0
 * @param registerPositions true if the registers have positions too. Default: false
 * @param positions true if learned positions are added to the patches. Default: true
 * @param tokenPositions true if the tokens before the patches have positions. Default: true
 * @param scale factor of the branches. LayerScale (Touvron et al. 2021, arXiv:2103.17239) is a
 *     learned factor per channel. Default: none
 * @param copies number of attention layers side by side in a unit, and of feed-forward networks, as
 *     in {@link TransformerBlocks}. Default: 1
 * @param stochasticDepth drop path of the blocks. Default: none
 * @param dropout dropout of embeddings and branches. Default: 0
 * @param attentionDropout dropout of the attention weights. Default: 0
 * @param grid grid of the learned positions, in patches; 0 for the grid of the input. Default: 0
 * @param headBias true if the head has a bias. Default: true
 * @param classes number of classes, 0 for no head
 */
@WithBuilder
@TypeName("vit")
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
        @Default("\"plain\"") Wiring stream,
        @Default("\"none\"") NormSpec queryKeyNorm,
        @Default("true") boolean mapBias,
        @Default("true") boolean keyBias,
        @Default("true") boolean outputBias,
        @Default("\"none\"") NormSpec attentionNorm,
        @Default("\"none\"") PositionSpec position,
        @Default("false") boolean gated,
        @Default("\"none\"") NormSpec innerNorm,
        @Default("\"none\"") NormSpec patchNorm,
        @Default("false") boolean inputNorm,
        @Default("false") boolean headNorm,
        @Default("true") boolean finalNorm,
        @Default("\"class\"") Pool pool,
        @Default("0") int poolHeads,
        @Default("false") boolean classToken,
        @Default("0") int registers,
        @Default("false") boolean registerPositions,
        @Default("true") boolean positions,
        @Default("true") boolean tokenPositions,
        @Default("\"none\"") ScaleSpec scale,
        @Default("1") int copies,
        @Default("0.0") StochasticDepth stochasticDepth,
        @Default("0.0") double dropout,
        @Default("0.0") double attentionDropout,
        @Default("0") Size2d grid,
        @Default("true") boolean headBias,
        int classes)
        implements Family, VisionTransformerBuilder.With {

    private static final InitSpec INIT = new InitSpec.TruncatedNormal(0.02);

    /** The input of the head. */
    public enum Pool {
        /** A learned token before the patches. */
        CLASS("class"),
        /** A class token and a distillation token, each with a classifier. */
        DISTILLED("class", "distillation"),
        /** The mean of the patches. */
        MEAN,
        /** The class token, then the mean of the patches (Oquab et al. 2023, arXiv:2304.07193). */
        CLASS_AND_MEAN("class"),
        /** Attention with a learned query (Zhai et al. 2022, arXiv:2106.04560, Section 2). */
        ATTENTION,
        /** Attention with a learned query to the patches only. */
        PATCH_ATTENTION,
        /** No head: the output is the class token and the patches, {@code (N, T, width)}. */
        NONE("class");

        private final List<String> tokens;

        Pool(String... tokens) {
            this.tokens = List.of(tokens);
        }
    }

    public VisionTransformer {
        Check.positive("width", width);
        Check.depth("depth", depth);
        Check.positive("heads", heads);
        Check.rate("dropout", dropout);
        Check.rate("attentionDropout", attentionDropout);
        Check.notNegative("registers", registers);
        Check.that(
                !headNorm || !(placement.normsSum() || pool == Pool.NONE),
                "headNorm must be false with pool none or norms after each sum, got true");
        Check.notNegative("poolHeads", poolHeads);
        Check.that(
                poolHeads == 0 || readsByAttention(pool),
                "poolHeads must be 0 unless pool is attention or patch-attention, got %s",
                poolHeads);
        Check.that(finalNorm || !headNorm, "headNorm must be false with finalNorm false, got true");
        Check.notNegative("classes", classes);
        Check.that(
                pool != Pool.NONE || classes == 0,
                "classes must be 0 with pool none, which has no head, got %s",
                classes);
    }

    private static boolean readsByAttention(Pool pool) {
        return pool == Pool.ATTENTION || pool == Pool.PATCH_ATTENTION;
    }

    /**
     * {@return a ViT for 1000 classes, other components at their defaults}
     *
     * @param patch the size of a patch
     * @param width the width of the vectors
     * @param depth the number of blocks
     * @param heads the number of attention heads
     */
    public static VisionTransformer of(int patch, int width, int depth, int heads) {
        return Defaults.fill(VisionTransformerBuilder.builder())
                .patch(Size2d.of(patch))
                .width(width)
                .depth(depth)
                .heads(heads)
                .classes(1000)
                .build();
    }

    @Override
    public VisionTransformer withClasses(int value) {
        return with().pool(pool == Pool.NONE ? Pool.CLASS : pool).classes(value).build();
    }

    @Override
    public LayerSpec deepened(String part, int added) {
        return withDepth(TransformerBlocks.deeper(part, depth, added));
    }

    @Override
    public LayerSpec expand() {
        List<String> tokens = classToken && pool.tokens.isEmpty() ? List.of("class") : pool.tokens;
        int before = tokens.size() + registers;
        Attention attention =
                Attention.builder(heads)
                        .headWidth(headWidth)
                        .projection(
                                Attention.Projection.of(true, mapBias, INIT)
                                        .with()
                                        .keyBias(keyBias)
                                        .outputBias(outputBias)
                                        .build())
                        .queryKeyNorm(queryKeyNorm)
                        .position(position.afterTokens(before))
                        .innerNorm(attentionNorm)
                        .weightDropout(attentionDropout)
                        .dropout(dropout)
                        .build();
        FeedForward mlp =
                FeedForward.plain(mlpRatio, activation, dropout, INIT).withBias(outputBias);
        FeedForward inner = mlp.with().gated(gated).innerNorm(innerNorm).build();
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(
                PatchEmbedding.builder(patch, width)
                        .bias(!inputNorm)
                        .norm(patchNorm)
                        .tokens(tokens)
                        .registers(registers)
                        .registerPositions(registerPositions)
                        .positions(positions)
                        .tokenPositions(tokenPositions)
                        .grid(grid)
                        .dropout(dropout)
                        .build());
        if (inputNorm) {
            layers.add(new Normalization("inputNorm", norm));
        }
        layers.add(
                TransformerBlocks.of(depth, attention, inner, norm, placement)
                        .withStream(stream)
                        .withScale(scale)
                        .withCopies(copies)
                        .withStochasticDepth(stochasticDepth));
        if (!placement.normsSum() && !headNorm && finalNorm) {
            layers.add(new Normalization("norm", norm));
        }
        switch (pool) {
            case CLASS -> layers.add(new TakeToken("pool", 0));
            case MEAN -> layers.add(mean("pool", before));
            case CLASS_AND_MEAN ->
                    layers.add(
                            Parallel.concat(
                                    "pool", new TakeToken("class", 0), mean("mean", before)));
            case ATTENTION, PATCH_ATTENTION -> {
                if (pool == Pool.PATCH_ATTENTION && before > 0) {
                    layers.add(patches(before));
                }
                Attention query =
                        Attention.builder(poolHeads == 0 ? heads : poolHeads)
                                .projection(Attention.Projection.of(true, true, INIT))
                                .build();
                layers.add(new AttentionPool("pool", query, mlp, norm, INIT));
            }
            case DISTILLED, NONE -> {}
        }
        if (headNorm) {
            layers.add(new Normalization("headNorm", norm));
        }
        if (classes > 0) {
            layers.add(
                    pool == Pool.DISTILLED
                            ? new DistilledHead("head", classes, INIT)
                            : new Linear("head", classes, headBias, INIT));
        }
        return new Sequential(name, layers);
    }

    /** {@return the mean of all positions after the first ones} */
    private static LayerSpec mean(String name, int before) {
        return before == 0
                ? new GlobalAveragePool(name)
                : new Sequential(name, patches(before), new GlobalAveragePool("mean"));
    }

    private static LayerSpec patches(int before) {
        return new Crop("patches", Border.of(List.of(new Sides(before, 0))));
    }
}
