package io.residuum.vision.metaformer;

import io.residuum.residual.DropPathSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.graph.Add;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Multiply;
import io.residuum.spec.graph.Split;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AdaptiveAveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.vision.convolution.ConvNorm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A focal modulation network for images (Yang et al. 2022, arXiv:2203.11926): {@code (N, C, H, W)
 * -> (N, classes)}. A block multiplies each position by a gated sum of its surroundings, which
 * depthwise convolutions summarize at growing distances. The parts are named {@code stem}, {@code
 * stage1} and so on ({@code downsample}, and blocks from {@code 0} with {@code modulation} and
 * {@code mlp}), {@code norm} and {@code head}.
 *
 * @param units the number of blocks in each stage
 * @param width the channels of the first stage; each stage doubles them
 * @param levels the number of depthwise convolutions of a block. Default: 2
 * @param window the window of the first of them, odd; each one adds 2. Default: 3
 * @param overlap true for strided convolutions with overlapping windows. Default: false
 * @param postNorm true for norms after the branches instead of before. Default: false
 * @param modulationNorm true for a norm of the modulated positions. Default: false
 * @param layerScale the initial factor of each branch's channels; 0 for none. Default: 0
 * @param norm the norm. Default: channel, eps 1e-5
 * @param activation the activation. Default: gelu
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("focalnet")
public record FocalNet(
        @Default("\"\"") String name,
        List<Integer> units,
        int width,
        @Default("2") int levels,
        @Default("3") int window,
        @Default("false") boolean overlap,
        @Default("false") boolean postNorm,
        @Default("false") boolean modulationNorm,
        @Default("0.0") double layerScale,
        @Default("{\"type\": \"channel\", \"eps\": 1e-5}") NormSpec norm,
        @Default("\"gelu\"") ActivationSpec activation,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, FocalNetBuilder.With {

    /** The hidden width of a feed-forward network divided by the width. */
    private static final int EXPANSION = 4;

    private static final int MAX_STAGES = 16;

    public FocalNet {
        units = List.copyOf(units);
        units.forEach(n -> Check.depth("units", n));
        Check.that(
                !units.isEmpty() && units.size() <= MAX_STAGES,
                "units must have 1 to %s stages, got %s",
                MAX_STAGES,
                units);
        Check.positive("width", width);
        Check.that(
                width <= Integer.MAX_VALUE >> units.size(),
                "width must be at most %s with %s stages, got %s",
                Integer.MAX_VALUE >> units.size(),
                units.size(),
                width);
        Check.positive("levels", levels);
        Check.odd("window", window);
        Check.finite("layerScale", layerScale);
        stochasticDepth.requirePerUnit("a FocalNet");
        Check.positive("classes", classes);
    }

    @Override
    public FocalNet withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        parts.add(downsample("stem", width, 4, overlap ? 7 : 4, overlap ? 2 : 0));
        int total = units.stream().mapToInt(Integer::intValue).sum();
        int done = 0;
        for (int s = 0; s < units.size(); s++) {
            int channels = width << s;
            List<LayerSpec> stage = new ArrayList<>();
            if (s > 0) {
                stage.add(downsample("downsample", channels, 2, overlap ? 3 : 2, overlap ? 1 : 0));
            }
            for (int u = 0; u < units.get(s); u++) {
                DropPathSpec dropPath = stochasticDepth.at(done++, total);
                LayerSpec mlp =
                        new Sequential(
                                "",
                                Conv2d.of(EXPANSION * channels, 1).withName("fc1"),
                                new Activation("activation", activation),
                                Conv2d.of(channels, 1).withName("fc2"));
                stage.add(
                        new Sequential(
                                Integer.toString(u),
                                unit("modulation", dropPath, modulation(channels)),
                                unit("mlp", dropPath, mlp)));
            }
            parts.add(new Sequential("stage" + (s + 1), stage));
        }
        parts.add(new Normalization("norm", norm));
        parts.add(new Sequential("head", new GlobalAveragePool("pool"), new Linear("fc", classes)));
        return new Sequential(name, parts);
    }

    private LayerSpec downsample(String part, int channels, int stride, int kernel, int padding) {
        Conv2d conv =
                Conv2d.of(channels, kernel)
                        .with()
                        .name("projection")
                        .stride(Size2d.of(stride))
                        .padding(Size2d.of(padding))
                        .build();
        return new Sequential(part, conv, new Normalization("norm", norm));
    }

    private Residual unit(String unit, DropPathSpec dropPath, LayerSpec branch) {
        NormActivation normed = NormActivation.of(norm);
        return Residual.builder(unit, branch)
                .before(postNorm ? NormActivation.NONE : normed)
                .afterBranch(postNorm ? normed : NormActivation.NONE)
                .scale(layerScale == 0 ? ScaleSpec.NONE : new ScaleSpec.Learned(layerScale, true))
                .dropPath(dropPath)
                .build();
    }

    private LayerGraph modulation(int channels) {
        List<LayerNode> nodes = new ArrayList<>();
        nodes.add(LayerNode.of(Conv2d.of(2 * channels + levels + 1, 1).withName("maps")));
        List<Integer> sizes = new ArrayList<>(List.of(channels, channels));
        sizes.addAll(Collections.nCopies(levels + 1, 1));
        List<String> names = new ArrayList<>(List.of("query", "context"));
        for (int l = 0; l <= levels; l++) {
            names.add("gate" + l);
        }
        nodes.add(
                LayerNode.of(new Split("split", Split.Parts.of(sizes), null))
                        .to(names.toArray(String[]::new)));
        List<String> gated = new ArrayList<>();
        String context = "context";
        for (int l = 0; l <= levels; l++) {
            LayerSpec summary =
                    l == levels
                            ? new AdaptiveAveragePool2d("pool", Size2d.of(1))
                            : ConvNorm.plain(
                                    "conv", ConvNorm.depthwise(channels, window + 2 * l, 1));
            Activation activated = new Activation("activation", activation);
            nodes.add(LayerNode.of(new Sequential("level" + l, summary, activated)).from(context));
            context = "level" + l;
            gated.add("gated" + l);
            nodes.add(LayerNode.of(new Multiply("gated" + l)).from(context, "gate" + l));
        }
        nodes.add(LayerNode.of(new Add("sum")).from(gated.toArray(String[]::new)));
        nodes.add(LayerNode.of(Conv2d.of(channels, 1).withName("modulator")));
        nodes.add(LayerNode.of(new Multiply("modulated")).from("query", "modulator"));
        if (modulationNorm) {
            nodes.add(LayerNode.of(new Normalization("norm", norm)));
        }
        nodes.add(LayerNode.of(Conv2d.of(channels, 1).withName("projection")));
        return new LayerGraph(nodes);
    }
}
