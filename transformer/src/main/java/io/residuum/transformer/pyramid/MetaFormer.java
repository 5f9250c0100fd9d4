package io.residuum.transformer.pyramid;

import io.residuum.residual.DropPathSpec;
import io.residuum.residual.MergeSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ShortcutSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.AsSequence;
import io.residuum.transformer.branch.Attention;
import java.util.ArrayList;
import java.util.List;

/**
 * A MetaFormer for images: {@code (N, C, H, W) -> (N, classes)}. Each stage mixes positions by
 * pooling, separable convolutions or attention: PoolFormer V2, ConvFormer and CAFormer (Yu et al.
 * 2022, arXiv:2210.13452). The parts are named {@code stem}, {@code stage1} and so on ({@code
 * downsample}, and {@code blocks} of {@code mixer} and {@code mlp}), and {@code head}.
 *
 * @param units the number of blocks in each stage
 * @param widths the channels of each stage
 * @param mixers the mixing of positions in each stage
 * @param scaledStages the number of last stages whose shortcuts have a learned factor per channel,
 *     1 at the start. Default: 2
 * @param norm the norm before each branch. Default: channel without a bias
 * @param downsampleNorm the norm of the downsampling. Default: channel without a bias
 * @param headNorm the norms of the head. Default: channel
 * @param activation the activation, {@code starRelu} in the paper
 * @param hiddenHead true for a hidden layer with squared ReLUs in the head, four times as wide as
 *     the last stage. Default: true
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("metaformer")
public record MetaFormer(
        @Default("\"\"") String name,
        List<Integer> units,
        List<Integer> widths,
        List<Mixer> mixers,
        @Default("2") int scaledStages,
        @Default("{\"type\": \"channel\", \"bias\": false}") NormSpec norm,
        @Default("{\"type\": \"channel\", \"bias\": false}") NormSpec downsampleNorm,
        @Default("\"channel\"") NormSpec headNorm,
        ActivationSpec activation,
        @Default("true") boolean hiddenHead,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, MetaFormerBuilder.With {

    private static final InitSpec INIT = new InitSpec.TruncatedNormal(0.02);

    /** The hidden widths of the feed-forward networks and the head, by the width. */
    private static final int EXPANSION = 4;

    private static final int HEAD_WIDTH = 32;

    /** The ways to mix positions. */
    public enum Mixer {
        /** The mean of 3x3 positions minus the position itself. */
        POOL,
        /** An inverted separable convolution with a 7x7 window. */
        CONVOLUTION,
        /** Self-attention with heads of 32 channels. */
        ATTENTION
    }

    public MetaFormer {
        units = List.copyOf(units);
        widths = List.copyOf(widths);
        mixers = List.copyOf(mixers);
        Check.stages(units, widths);
        Check.that(
                mixers.size() == units.size(),
                "mixers must have one entry for each of the %s stages, got %s",
                units.size(),
                mixers);
        Check.that(
                scaledStages >= 0 && scaledStages <= units.size(),
                "scaledStages must be in [0, %s], got %s",
                units.size(),
                scaledStages);
        stochasticDepth.requirePerUnit("a MetaFormer");
        Check.positive("classes", classes);
    }

    @Override
    public MetaFormer withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        Normalization normalization = new Normalization("norm", downsampleNorm);
        parts.add(new Sequential("stem", conv("conv", widths.get(0), 7, 4, 2), normalization));
        int total = units.stream().mapToInt(Integer::intValue).sum();
        int done = 0;
        for (int s = 0; s < units.size(); s++) {
            List<LayerSpec> blocks = new ArrayList<>();
            for (int u = 0; u < units.get(s); u++) {
                blocks.add(block(Integer.toString(u), s, stochasticDepth.at(done++, total)));
            }
            List<LayerSpec> stage = new ArrayList<>();
            if (s > 0) {
                Conv2d halves = conv("conv", widths.get(s), 3, 2, 1);
                stage.add(new Sequential("downsample", normalization, halves));
            }
            stage.add(
                    attends(s)
                            ? new AsSequence("blocks", new Sequential("", blocks))
                            : new Sequential("blocks", blocks));
            parts.add(new Sequential("stage" + (s + 1), stage));
        }
        parts.add(head());
        return new Sequential(name, parts);
    }

    private boolean attends(int stage) {
        return mixers.get(stage) == Mixer.ATTENTION;
    }

    private LayerSpec block(String block, int stage, DropPathSpec dropPath) {
        int width = widths.get(stage);
        LayerSpec mlp =
                new Sequential(
                        "",
                        map("fc1", stage, EXPANSION * width),
                        new Activation("activation", activation),
                        map("fc2", stage, width));
        return new Sequential(
                block,
                unit("mixer", stage, dropPath, mixer(stage, width)),
                unit("mlp", stage, dropPath, mlp));
    }

    private Residual unit(String unit, int stage, DropPathSpec dropPath, LayerSpec branch) {
        boolean scaled = stage >= units.size() - scaledStages;
        return Residual.builder(unit, branch)
                .before(NormActivation.of(norm))
                .shortcut(scaled ? new ShortcutSpec.Learned(1, true) : ShortcutSpec.IDENTITY)
                .dropPath(dropPath)
                .build();
    }

    private LayerSpec mixer(int stage, int width) {
        return switch (mixers.get(stage)) {
            case POOL -> {
                Size2d one = Size2d.of(1);
                LayerSpec mean = new AveragePool2d("pool", Size2d.of(3), one, one, false, false);
                yield Residual.builder("", mean).merge(new MergeSpec.Add(-1, 1)).build();
            }
            case CONVOLUTION ->
                    new Sequential(
                            "",
                            map("expand", stage, 2 * width),
                            new Activation("activation", activation),
                            conv("depthwise", 2 * width, 7, 1, 3)
                                    .withGroups(2 * width)
                                    .withBias(false),
                            map("project", stage, width));
            case ATTENTION ->
                    Attention.builder(Math.max(1, width / HEAD_WIDTH))
                            .headWidth(HEAD_WIDTH)
                            .projection(Attention.Projection.of(true, false, INIT))
                            .build();
        };
    }

    /** Returns a map of the channels without a bias. */
    private LayerSpec map(String layer, int stage, int width) {
        return attends(stage)
                ? new Linear(layer, width, false, INIT)
                : conv(layer, width, 1, 1, 0).withBias(false);
    }

    private static Conv2d conv(String layer, int filters, int kernel, int stride, int padding) {
        return Conv2d.of(filters, kernel)
                .with()
                .name(layer)
                .stride(Size2d.of(stride))
                .padding(Size2d.of(padding))
                .init(INIT)
                .build();
    }

    private LayerSpec head() {
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(new GlobalAveragePool("pool"));
        layers.add(new Normalization("norm", headNorm));
        if (hiddenHead) {
            int hidden = EXPANSION * widths.get(widths.size() - 1);
            layers.add(new Linear("fc1", hidden, true, INIT));
            layers.add(new Activation("activation", new ActivationSpec.ReluSquared()));
            layers.add(new Normalization("hiddenNorm", headNorm));
        }
        layers.add(new Linear(hiddenHead ? "fc2" : "fc", classes, true, INIT));
        return new Sequential("head", layers);
    }
}
