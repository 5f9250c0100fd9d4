package io.residuum.vision.densenet;

import io.residuum.residual.DropPathSpec;
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
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.EfficientChannelAttention;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.vision.convolution.ConvNorm;
import java.util.ArrayList;
import java.util.List;

/**
 * A VoVNet for images: {@code (N, C, H, W) -> (N, classes)}. A unit is a chain of convolutions. It
 * concatenates its input and all their outputs once, at the end (Lee et al. 2019, arXiv:1904.09730,
 * Section 3). Version 2 adds shortcuts and an attention over channels (Lee and Park 2020,
 * arXiv:1911.06667, Section 3.3). The parts are named {@code stem}, {@code stage1} to {@code
 * stage4} (units from {@code 0}), and {@code head}.
 *
 * @param stem the channels of the three first convolutions
 * @param units the number of units in each stage
 * @param widths the channels of the convolutions in the units of each stage
 * @param channels the channels of each stage
 * @param layers the number of convolutions in a unit. Default: 5
 * @param residual true for shortcuts around all units but the first of a stage. Default: true
 * @param depthwise true for separable convolutions. Default: false
 * @param attention the attention over channels in the last unit of each stage. Default: effective
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: relu
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("vovnet")
public record VovNet(
        @Default("\"\"") String name,
        List<Integer> stem,
        List<Integer> units,
        List<Integer> widths,
        List<Integer> channels,
        @Default("5") int layers,
        @Default("true") boolean residual,
        @Default("false") boolean depthwise,
        @Default("\"effective\"") Attention attention,
        @Default("\"batch\"") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, VovNetBuilder.With {

    /** The attentions over channels. */
    public enum Attention {
        /** None. */
        NONE,
        /** Squeeze-excitation with one map and a hard sigmoid (Lee and Park 2020). */
        EFFECTIVE,
        /** Efficient channel attention (Wang et al. 2020, arXiv:1910.03151). */
        ECA
    }

    public VovNet {
        stem = List.copyOf(stem);
        units = List.copyOf(units);
        widths = List.copyOf(widths);
        channels = List.copyOf(channels);
        Check.that(stem.size() == 3, "stem must have the channels of 3 convolutions, got %s", stem);
        stem.forEach(c -> Check.positive("stem", c));
        Check.stages(units, widths);
        Check.stages(units, "channels", channels);
        Check.positive("layers", layers);
        stochasticDepth.requirePerUnit("a VoVNet");
        Check.positive("classes", classes);
    }

    @Override
    public VovNet withClasses(int value) {
        return with().classes(value).build();
    }

    private ConvNorm convolutions() {
        return new ConvNorm(norm, activation);
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        parts.add(
                new Sequential(
                        "stem",
                        convolutions().activated("0", Conv2d.of(stem.get(0), 3).withStride(2)),
                        convolution("1", stem.get(0), stem.get(1), 1),
                        convolution("2", stem.get(1), stem.get(2), 2)));
        int total = units.stream().mapToInt(Integer::intValue).sum();
        int done = 0;
        int in = stem.get(2);
        for (int s = 0; s < units.size(); s++) {
            List<LayerSpec> stage = new ArrayList<>();
            if (s > 0) {
                Size2d window = Size2d.of(3);
                stage.add(new MaxPool2d("pool", window, Size2d.of(2), Size2d.of(0), true));
            }
            for (int u = 0; u < units.get(s); u++) {
                boolean joins = residual && u > 0;
                DropPathSpec dropPath = stochasticDepth.at(done++, total);
                List<LayerSpec> branch = new ArrayList<>();
                branch.add(aggregation(in, widths.get(s), channels.get(s)));
                if (u == units.get(s) - 1 && attention != Attention.NONE) {
                    branch.add(attention(channels.get(s)));
                }
                stage.add(
                        Residual.builder(Integer.toString(u), new Sequential("", branch))
                                .shortcut(joins ? ShortcutSpec.IDENTITY : new ShortcutSpec.None())
                                .dropPath(joins ? dropPath : DropPathSpec.NONE)
                                .build());
                in = channels.get(s);
            }
            parts.add(new Sequential("stage" + (s + 1), stage));
        }
        parts.add(new Sequential("head", new GlobalAveragePool("pool"), new Linear("fc", classes)));
        return new Sequential(name, parts);
    }

    private Sequential convolution(String part, int in, int out, int stride) {
        if (!depthwise) {
            return convolutions().activated(part, Conv2d.of(out, 3).withStride(stride));
        }
        return new Sequential(
                part,
                ConvNorm.plain("depthwise", ConvNorm.depthwise(in, 3, stride)),
                ConvNorm.plain("pointwise", Conv2d.of(out, 1)),
                new Normalization("norm", norm),
                new Activation("activation", activation));
    }

    private LayerSpec aggregation(int in, int width, int out) {
        List<LayerNode> nodes = new ArrayList<>();
        int read = in;
        if (depthwise && in != width) {
            nodes.add(LayerNode.of(convolutions().activated("reduce", Conv2d.of(width, 1))));
            read = width;
        }
        List<LayerSpec> chain = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            chain.add(convolution("mid" + i, i == 0 ? read : width, width, 1));
        }
        nodes.addAll(Aggregation.of(chain));
        nodes.add(LayerNode.of(convolutions().activated("join", Conv2d.of(out, 1))));
        return new LayerGraph("features", Names.of("input"), nodes, Names.NONE);
    }

    private LayerSpec attention(int width) {
        if (attention == Attention.ECA) {
            return new EfficientChannelAttention("attention", 0);
        }
        return Aggregation.attention(
                Conv2d.of(width, 1).withName("fc"), new ActivationSpec.HardSigmoid());
    }
}
