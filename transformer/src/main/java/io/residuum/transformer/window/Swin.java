package io.residuum.transformer.window;

import io.residuum.residual.Residual;
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
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.Permute;
import io.residuum.spec.layers.spatial.Reshape;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.branch.PositionSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * A Swin transformer, {@code (N, C, H, W) -> (N, classes)} (Liu et al. 2021, arXiv:2103.14030; V2:
 * Liu et al. 2022, arXiv:2111.09883). Every second block shifts its windows. Each stage after the
 * first begins with patch merging. Its layers are named {@code embedding}, {@code stages}, {@code
 * norm} and {@code head}.
 *
 * @param version V1: pre-norm, scaled dot products and a table of relative positions; V2:
 *     res-post-norm, cosines, no bias of keys and a network of relative positions. Default: v1
 * @param patch size of a patch. Default: 4
 * @param width width of the first stage, which doubles with each stage
 * @param depths number of blocks of each stage
 * @param heads number of attention heads of each stage
 * @param window rows and columns of a window. Default: 7
 * @param windows sizes of the windows of each stage (Chen et al. 2021, arXiv:2111.14725); empty for
 *     the same in all. Default: empty
 * @param trained sizes of the windows that each stage was pretrained with, for V2; empty or 0 for
 *     the window. Default: empty
 * @param normPeriod number of blocks of a stage from one norm of the sums to the next, as in the
 *     largest networks of V2 (Liu et al. 2022, Section 3.2); 0 for none. Default: 0
 * @param stageNorm whether a norm of the sums ends each stage. Default: false
 * @param mlpRatio hidden width of the feed-forward networks divided by the width. Default: 4
 * @param bias true if the maps to queries, keys and values have biases. Default: true
 * @param activation activation of the feed-forward networks. Default: gelu
 * @param norm kind of norm. Default: layer, eps 1e-5
 * @param stochasticDepth drop path of the blocks. Default: none
 * @param dropout dropout of embeddings and branches. Default: 0
 * @param attentionDropout dropout of the attention weights. Default: 0
 * @param classes number of classes, 0 for the pooled features
 */
@WithBuilder
@TypeName("swin")
public record Swin(
        @Default("\"\"") String name,
        @Default("\"v1\"") Version version,
        @Default("4") Size2d patch,
        int width,
        List<Integer> depths,
        List<Integer> heads,
        @Default("7") Size2d window,
        @Default("[]") List<Integer> windows,
        @Default("[]") List<Integer> trained,
        @Default("0") int normPeriod,
        @Default("false") boolean stageNorm,
        @Default("4.0") double mlpRatio,
        @Default("true") boolean bias,
        @Default("\"gelu\"") ActivationSpec activation,
        @Default("{\"type\": \"layer\", \"eps\": 1e-5}") NormSpec norm,
        @Default("0.0") StochasticDepth stochasticDepth,
        @Default("0.0") double dropout,
        @Default("0.0") double attentionDropout,
        int classes)
        implements Family, SwinBuilder.With {

    private static final InitSpec INIT = new InitSpec.TruncatedNormal(0.02);

    /** The hidden units of the networks of relative positions. */
    private static final int HIDDEN = 512;

    private static final int HIDDEN_CR = 384;

    /** The version of the architecture. */
    public enum Version {
        /** Liu et al. 2021. */
        V1,
        /** Liu et al. 2022. */
        V2,
        /**
         * As V2, with the merging of V1, biases of keys, and positions whose bias is not bounded
         * (Reich 2021, as in timm's swinv2_cr).
         */
        V2_CR
    }

    public Swin {
        depths = List.copyOf(depths);
        heads = List.copyOf(heads);
        trained = List.copyOf(trained);
        windows = List.copyOf(windows);
        Check.positive("width", width);
        Check.that(!depths.isEmpty(), "depths must not be empty");
        depths.forEach(depth -> Check.depth("depths", depth));
        Check.that(
                heads.size() == depths.size() && heads.stream().allMatch(h -> h > 0),
                "heads must have a positive number for each of the %s depths, got %s",
                depths.size(),
                heads);
        Check.that(
                windows.isEmpty()
                        || (windows.size() == depths.size()
                                && windows.stream().allMatch(size -> size > 0)),
                "windows must be empty or have a positive size for each of the %s depths, got %s",
                depths.size(),
                windows);
        Check.that(
                trained.isEmpty()
                        || (version == Version.V2
                                && trained.size() == depths.size()
                                && trained.stream().allMatch(size -> size >= 0)),
                "trained must be empty for v1, and have a size for each of the %s depths for v2,"
                        + " got %s",
                depths.size(),
                trained);
        Check.notNegative("normPeriod", normPeriod);
        Check.rate("dropout", dropout);
        Check.rate("attentionDropout", attentionDropout);
        Check.notNegative("classes", classes);
    }

    /**
     * {@return a network for 1000 classes, other components at their defaults}
     *
     * @param width the width of the first stage
     * @param depths the number of blocks of each stage
     */
    public static Swin of(Version version, int width, List<Integer> depths, int headWidth) {
        List<Integer> heads = new ArrayList<>();
        for (int stage = 0; stage < depths.size(); stage++) {
            heads.add((width << stage) / headWidth);
        }
        return Defaults.fill(SwinBuilder.builder())
                .version(version)
                .width(width)
                .depths(depths)
                .heads(heads)
                .classes(1000)
                .build();
    }

    @Override
    public Swin withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> layers = new ArrayList<>();
        Conv2d projection =
                Conv2d.of(width, 1)
                        .with()
                        .name("projection")
                        .kernel(patch)
                        .stride(patch)
                        .bias(true)
                        .init(INIT)
                        .build();
        layers.add(
                new Sequential(
                        "embedding",
                        projection,
                        new Permute("", List.of(2, 3, 1), true),
                        new Normalization("norm", norm),
                        new Dropout("dropout", dropout)));
        List<LayerSpec> stages = new ArrayList<>();
        int depth = depths.stream().mapToInt(d -> d).sum();
        int first = 0;
        for (int stage = 0; stage < depths.size(); stage++) {
            stages.add(stage(stage, first, depth));
            first += depths.get(stage);
        }
        int last = width << (depths.size() - 1);
        layers.add(new Sequential("stages", stages));
        layers.add(new Normalization("norm", norm));
        layers.add(new Reshape("positions", List.of(-1, last)));
        layers.add(new GlobalAveragePool("pool"));
        if (classes > 0) {
            layers.add(new Linear("head", classes, true, INIT));
        }
        return new Sequential(name, layers);
    }

    private LayerSpec stage(int stage, int first, int depth) {
        List<LayerSpec> blocks = new ArrayList<>();
        Size2d own = windows.isEmpty() ? window : Size2d.of(windows.get(stage));
        for (int i = 0; i < depths.get(stage); i++) {
            LayerSpec attention = new WindowAttention("", attention(stage), own, i % 2 == 1);
            LayerSpec mlp = FeedForward.plain(mlpRatio, activation, dropout, INIT);
            List<LayerSpec> units = new ArrayList<>();
            units.add(unit("attention", attention, first + i, depth));
            units.add(unit("mlp", mlp, first + i, depth));
            boolean ends = i + 1 == depths.get(stage);
            boolean normed = normPeriod > 0 && (i + 1) % normPeriod == 0 || stageNorm && ends;
            // The norm of the network follows the last block.
            if (normed && !(ends && stage + 1 == depths.size())) {
                units.add(new Normalization("norm", norm));
            }
            blocks.add(stochasticDepth.block(Integer.toString(i), first + i, depth, units));
        }
        List<LayerSpec> parts = new ArrayList<>();
        if (stage > 0) {
            parts.add(merge(width << stage));
        }
        parts.add(new Sequential("blocks", blocks));
        return new Sequential("", parts);
    }

    private LayerSpec merge(int units) {
        LayerSpec squares = new PatchMerging("squares");
        LayerSpec reduction = new Linear("reduction", units, false, INIT);
        LayerSpec normalization = new Normalization("norm", norm);
        return version != Version.V2
                ? new Sequential("merge", squares, normalization, reduction)
                : new Sequential("merge", squares, reduction, normalization);
    }

    private Residual unit(String unit, LayerSpec branch, int block, int depth) {
        NormPlacement placement =
                version == Version.V1 ? NormPlacement.PRE : new NormPlacement.ResPost();
        return placement
                .place(
                        Residual.builder(unit, branch).dropPath(stochasticDepth.at(block, depth)),
                        norm,
                        depth)
                .build();
    }

    private Attention attention(int stage) {
        Size2d own = Size2d.of(0);
        PositionSpec positions =
                switch (version) {
                    case V1 -> new PositionSpec.RelativeTable(own, false);
                    case V2 ->
                            new PositionSpec.RelativeNetwork(
                                    own,
                                    trained.isEmpty() ? own : Size2d.of(trained.get(stage)),
                                    HIDDEN);
                    case V2_CR ->
                            new PositionSpec.RelativeNetwork(own, own, HIDDEN_CR)
                                    .withBounded(false);
                };
        return Attention.builder(heads.get(stage))
                .projection(
                        Attention.Projection.of(true, true, INIT)
                                .with()
                                .bias(bias)
                                .keyBias(version != Version.V2)
                                .build())
                .cosine(version != Version.V1)
                .position(positions)
                .weightDropout(attentionDropout)
                .dropout(dropout)
                .build();
    }
}
