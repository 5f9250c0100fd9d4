package io.residuum.vision.densenet;

import io.residuum.residual.MergeSpec;
import io.residuum.residual.Residual;
import io.residuum.residual.stream.ReadSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.graph.Concat;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.ChannelSlice;
import io.residuum.vision.convolution.ConvNorm;
import java.util.ArrayList;
import java.util.List;

/**
 * A dual path network for images (Chen et al. 2017, arXiv:1707.01629): {@code (N, C, H, W) -> (N,
 * classes)}. A unit adds to some channels as a ResNet does, and appends channels as a DenseNet
 * does. The parts are named {@code stem}, {@code stage1} to {@code stage4} (units from {@code 0}),
 * and {@code head}.
 *
 * @param stem the channels of the first convolution
 * @param small true for a first convolution of 3x3 instead of 7x7 pixels, and a quarter of the
 *     channels that units add to. Default: false
 * @param units the number of units in each stage
 * @param increments the channels that a unit of each stage appends
 * @param width the channels within the units of the first stage; each stage doubles them
 * @param groups the channel groups of the 3x3 convolutions. Default: 32
 * @param split true for two convolutions at the end of a unit, one for each path. Default: false
 * @param norm the norm. Default: batch, with eps 0.001
 * @param activation the activation in the units. Default: relu
 * @param outerActivation the activation in the stem and before the last pooling. Default: relu
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("dpn")
public record Dpn(
        @Default("\"\"") String name,
        int stem,
        @Default("false") boolean small,
        List<Integer> units,
        List<Integer> increments,
        int width,
        @Default("32") int groups,
        @Default("false") boolean split,
        @Default("{\"type\": \"batch\", \"eps\": 0.001}") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("\"relu\"") ActivationSpec outerActivation,
        int classes)
        implements Family, DpnBuilder.With {

    /** The channels that units of the first stage add to. */
    private static final int WIDE = 256;

    private static final String SUM = "sum";
    private static final String ALL = "all";

    public Dpn {
        units = List.copyOf(units);
        increments = List.copyOf(increments);
        Check.positive("stem", stem);
        Check.stages(units, "increments", increments);
        Check.positive("width", width);
        Check.groups(groups, width);
        Check.positive("classes", classes);
    }

    @Override
    public Dpn withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        Conv2d first = Conv2d.of(stem, small ? 3 : 7).withStride(2);
        Size2d three = Size2d.of(3);
        List<LayerSpec> begin =
                new ArrayList<>(new ConvNorm(norm, outerActivation).activated("", first).layers());
        begin.add(new MaxPool2d("pool", three, Size2d.of(2), Size2d.of(1)));
        List<LayerSpec> parts = new ArrayList<>();
        parts.add(new Sequential("stem", begin));
        for (int s = 0; s < units.size(); s++) {
            List<LayerNode> stage = new ArrayList<>();
            for (int u = 0; u < units.get(s); u++) {
                LayerNode unit = LayerNode.of(unit(Integer.toString(u), s, u == 0));
                stage.add((u == 0 ? unit : unit.from(SUM, ALL)).to(SUM, ALL));
            }
            stage.add(LayerNode.of(new Concat("concat", null)).from(SUM, ALL));
            parts.add(new LayerGraph("stage" + (s + 1), Names.of("input"), stage, Names.NONE));
        }
        parts.add(
                new Sequential(
                        "head",
                        new Normalization("norm", norm),
                        new Activation("activation", outerActivation),
                        new GlobalAveragePool("pool"),
                        new Linear("fc", classes)));
        return new Sequential(name, parts);
    }

    /** Returns a unit of a residual and a dense path, {@code x, y -> x + F, concat(y, G)}. */
    private LayerGraph unit(String unit, int stage, boolean first) {
        int added = (small ? WIDE / 4 : WIDE) << stage;
        int inner = width << stage;
        int appended = increments.get(stage);
        int stride = first && stage > 0 ? 2 : 1;
        List<LayerNode> nodes = new ArrayList<>();
        String in = "input";
        String residual = SUM;
        String dense = ALL;
        if (first) {
            int both = added + 2 * appended;
            nodes.add(LayerNode.of(before("projection", Conv2d.of(both, 1).withStride(stride))));
            residual = "left";
            dense = "right";
            nodes.add(LayerNode.of(new ChannelSlice(residual, 0, added)).from("projection"));
            nodes.add(LayerNode.of(new ChannelSlice(dense, added, both)).from("projection"));
        } else {
            in = "joined";
            nodes.add(LayerNode.of(new Concat(in, null)));
        }
        nodes.add(LayerNode.of(before("reduce", Conv2d.of(inner, 1))).from(in));
        Conv2d grouped = Conv2d.of(inner, 3).withStride(stride).withGroups(groups);
        nodes.add(LayerNode.of(before("grouped", grouped)));
        if (split) {
            nodes.add(LayerNode.of(new Sequential("expand", normed())));
            nodes.add(LayerNode.of(ConvNorm.plain("added", Conv2d.of(added, 1))));
            nodes.add(
                    LayerNode.of(ConvNorm.plain("appended", Conv2d.of(appended, 1)))
                            .from("expand"));
        } else {
            int both = added + appended;
            nodes.add(LayerNode.of(before("expand", Conv2d.of(both, 1))));
            nodes.add(LayerNode.of(new ChannelSlice("added", 0, added)));
            nodes.add(LayerNode.of(new ChannelSlice("appended", added, both)).from("expand"));
        }
        nodes.add(LayerNode.of(joined("newSum", "added", MergeSpec.ADD)).from(residual));
        nodes.add(LayerNode.of(joined("newAll", "appended", new MergeSpec.Concat())).from(dense));
        Names inputs = first ? Names.of("input") : Names.of(List.of(SUM, ALL));
        return new LayerGraph(unit, inputs, nodes, Names.of(List.of("newSum", "newAll")));
    }

    private static Residual joined(String unit, String branch, MergeSpec merge) {
        return Residual.builder(unit, new Sequential(""))
                .read(ReadSpec.of(branch))
                .merge(merge)
                .build();
    }

    private List<LayerSpec> normed() {
        return List.of(new Normalization("norm", norm), new Activation("activation", activation));
    }

    private LayerSpec before(String part, Conv2d conv) {
        List<LayerSpec> layers = new ArrayList<>(normed());
        layers.add(ConvNorm.plain("conv", conv));
        return new Sequential(part, layers);
    }
}
