package io.residuum.vision.mobile;

import io.residuum.residual.LayeredShortcut;
import io.residuum.residual.MergeSpec;
import io.residuum.residual.Residual;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.ChannelShuffle;
import io.residuum.spec.layers.spatial.ChannelSlice;
import io.residuum.vision.convolution.ConvNorm;
import java.util.ArrayList;
import java.util.List;

/**
 * A ShuffleNetV2 for images (Ma et al. 2018, arXiv:1807.11164): {@code (N, C, H, W) -> (N,
 * classes)}. A unit keeps half of the channels, computes the other half, and shuffles both. The
 * parts are named {@code stem}, {@code stage1} to {@code stage3} (units from {@code 0}), and {@code
 * head}.
 *
 * @param stem the channels of the first convolution. Default: 24
 * @param units the number of units in each stage. Default: 4, 8 and 4
 * @param widths the channels of each stage, even
 * @param features the channels of the last convolution. Default: 1024
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: relu
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("shufflenetV2")
public record ShuffleNetV2(
        @Default("\"\"") String name,
        @Default("24") int stem,
        @Default("[4, 8, 4]") List<Integer> units,
        List<Integer> widths,
        @Default("1024") int features,
        @Default("\"batch\"") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        int classes)
        implements Family, ShuffleNetV2Builder.With {

    public ShuffleNetV2 {
        units = List.copyOf(units);
        widths = List.copyOf(widths);
        Check.positive("stem", stem);
        Check.stages(units, widths);
        Check.that(
                widths.stream().allMatch(w -> w % 2 == 0), "widths must be even, got %s", widths);
        Check.positive("features", features);
        Check.positive("classes", classes);
    }

    @Override
    public ShuffleNetV2 withClasses(int value) {
        return with().classes(value).build();
    }

    private ConvNorm convolutions() {
        return new ConvNorm(norm, activation);
    }

    @Override
    public LayerSpec expand() {
        ConvNorm conv = convolutions();
        List<LayerSpec> first =
                new ArrayList<>(conv.activated("", Conv2d.of(stem, 3).withStride(2)).layers());
        first.add(new MaxPool2d("pool", Size2d.of(3), Size2d.of(2), Size2d.of(1)));
        List<LayerSpec> parts = new ArrayList<>();
        parts.add(new Sequential("stem", first));
        int in = stem;
        for (int s = 0; s < units.size(); s++) {
            List<LayerSpec> stage = new ArrayList<>();
            for (int u = 0; u < units.get(s); u++) {
                stage.add(
                        new Sequential(
                                Integer.toString(u),
                                halves(in, widths.get(s) / 2, u == 0),
                                new ChannelShuffle("shuffle", 2)));
                in = widths.get(s);
            }
            parts.add(new Sequential("stage" + (s + 1), stage));
        }
        parts.add(
                new Sequential(
                        "head",
                        conv.activated("conv", Conv2d.of(features, 1)),
                        new GlobalAveragePool("pool"),
                        new Linear("fc", classes)));
        return new Sequential(name, parts);
    }

    /** Returns a unit that joins one half of the channels with a branch of the other half. */
    private Residual halves(int in, int half, boolean first) {
        ConvNorm conv = convolutions();
        List<LayerSpec> shortcut = new ArrayList<>();
        List<LayerSpec> branch = new ArrayList<>();
        if (first) {
            shortcut.add(conv.linear("depthwise", ConvNorm.depthwise(in, 3, 2)));
            shortcut.add(conv.activated("pointwise", Conv2d.of(half, 1)));
        } else {
            shortcut.add(new ChannelSlice("half", 0, half));
            branch.add(new ChannelSlice("half", half, 2 * half));
        }
        branch.add(conv.activated("expand", Conv2d.of(half, 1)));
        branch.add(conv.linear("depthwise", ConvNorm.depthwise(half, 3, first ? 2 : 1)));
        branch.add(conv.activated("project", Conv2d.of(half, 1)));
        return Residual.builder("halves", new Sequential("", branch))
                .shortcut(new LayeredShortcut(shortcut))
                .merge(new MergeSpec.Concat())
                .build();
    }
}
