package io.residuum.vision.densenet;

import io.residuum.residual.NormActivation;
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
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Size2d;
import io.residuum.vision.convolution.ConvNorm;
import io.residuum.vision.resnet.MultiScale;
import java.util.ArrayList;
import java.util.List;

/**
 * A network with deep layer aggregation for images: {@code (N, C, H, W) -> (N, classes)}. Stages
 * are binary trees of residual units, and a root joins the units below it (Yu et al. 2018,
 * arXiv:1707.06484, Section 3). The parts are named {@code stem}, {@code level0} and {@code level1}
 * (convolutions), {@code level2} and so on (trees of {@code tree1}, {@code tree2} and {@code
 * root}), and {@code head}.
 *
 * @param depths the depth of the tree of each stage, 1 or more
 * @param widths the channels of the two first convolutions and of each stage
 * @param bottleneck true for units of a 1x1, a 3x3 and a 1x1 convolution, false for two 3x3
 *     convolutions. Default: true
 * @param cardinality the groups of the 3x3 convolutions in bottlenecks. Default: 1
 * @param groupWidth the channels of a group by 64 output channels, times 2. Default: 64
 * @param scales the number of parts of the channels that the 3x3 convolutions of bottlenecks read,
 *     each after the result of the one before it (Gao et al. 2019, arXiv:1904.01169, Res2Net).
 *     Default: 1
 * @param residualRoots true for a shortcut from the last unit to its root. Default: false
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: relu
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("dla")
public record Dla(
        @Default("\"\"") String name,
        List<Integer> depths,
        List<Integer> widths,
        @Default("true") boolean bottleneck,
        @Default("1") int cardinality,
        @Default("64") int groupWidth,
        @Default("1") int scales,
        @Default("false") boolean residualRoots,
        @Default("\"batch\"") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        int classes)
        implements Family, DlaBuilder.With {

    /** The convolutions before the first tree. */
    private static final int PLAIN = 2;

    /** The depth of a tree with 2^20 units; no network is near it. */
    private static final int DEEPEST = 20;

    public Dla {
        depths = List.copyOf(depths);
        widths = List.copyOf(widths);
        for (int depth : depths) {
            Check.that(
                    depth > 0 && depth <= DEEPEST,
                    "depths must be in [1, %s], got %s",
                    DEEPEST,
                    depth);
        }
        Check.that(
                !depths.isEmpty() && widths.size() == depths.size() + PLAIN,
                "widths must have %s more entries than depths, got %s and %s",
                PLAIN,
                widths,
                depths);
        widths.forEach(width -> Check.positive("widths", width));
        Check.positive("cardinality", cardinality);
        Check.positive("groupWidth", groupWidth);
        Check.positive("scales", scales);
        Check.that(
                scales == 1 || bottleneck, "scales must be 1 without bottlenecks, got %s", scales);
        Check.positive("classes", classes);
    }

    @Override
    public Dla withClasses(int value) {
        return with().classes(value).build();
    }

    private ConvNorm convolutions() {
        return new ConvNorm(norm, activation);
    }

    @Override
    public LayerSpec expand() {
        ConvNorm conv = convolutions();
        List<LayerSpec> parts = new ArrayList<>();
        parts.add(conv.activated("stem", Conv2d.of(widths.get(0), 7)));
        parts.add(conv.activated("level0", Conv2d.of(widths.get(0), 3)));
        parts.add(conv.activated("level1", Conv2d.of(widths.get(1), 3).withStride(2)));
        for (int s = 0; s < depths.size(); s++) {
            int in = widths.get(s + 1);
            Tree tree = new Tree(in, widths.get(s + PLAIN), 2, s > 0);
            parts.add(tree(tree, "level" + (s + PLAIN), depths.get(s), 0));
        }
        parts.add(new Sequential("head", new GlobalAveragePool("pool"), new Linear("fc", classes)));
        return new Sequential(name, parts);
    }

    /** A tree: its channels, the stride of its first unit, and whether roots read its input. */
    private record Tree(int in, int out, int stride, boolean inputToRoot) {}

    /**
     * Returns a tree.
     *
     * @param others the number of earlier trees that its last root joins, which it reads after its
     *     input
     */
    private LayerGraph tree(Tree tree, String part, int depth, int others) {
        List<String> joined = new ArrayList<>();
        for (int i = 0; i < others; i++) {
            joined.add("other" + i);
        }
        List<String> inputs = new ArrayList<>(joined);
        inputs.add(0, "input");
        List<LayerNode> nodes = new ArrayList<>();
        boolean pools = tree.stride() > 1 && (depth == 1 || tree.inputToRoot());
        String bottom = pools ? "downsample" : "input";
        if (pools) {
            Size2d window = Size2d.of(tree.stride());
            nodes.add(LayerNode.of(new MaxPool2d(bottom, window, window, Size2d.of(0))));
        }
        if (tree.inputToRoot()) {
            joined.add(bottom);
        }
        if (depth > 1) {
            Tree first = new Tree(tree.in(), tree.out(), tree.stride(), false);
            nodes.add(LayerNode.of(tree(first, "tree1", depth - 1, 0)).from("input"));
            joined.add("tree1");
            List<String> read = new ArrayList<>(joined);
            read.add(0, "tree1");
            Tree second = new Tree(tree.out(), tree.out(), 1, false);
            nodes.add(
                    LayerNode.of(tree(second, "tree2", depth - 1, joined.size()))
                            .from(read.toArray(String[]::new)));
        } else {
            if (tree.in() != tree.out()) {
                Conv2d projection = Conv2d.of(tree.out(), 1);
                nodes.add(LayerNode.of(convolutions().linear("project", projection)).from(bottom));
                bottom = "project";
            }
            ReadSpec read = ReadSpec.of(bottom.equals("input") ? "" : "input");
            nodes.add(
                    LayerNode.of(unit("tree1", tree.out(), tree.stride()).withRead(read))
                            .from(bottom));
            nodes.add(LayerNode.of(unit("tree2", tree.out(), 1)).from("tree1"));
            joined.addAll(0, List.of("tree2", "tree1"));
            nodes.add(LayerNode.of(new Concat("concat", null)).from(joined.toArray(String[]::new)));
            nodes.add(root(tree.out()));
        }
        return new LayerGraph(part, Names.of(inputs), nodes, Names.NONE);
    }

    private LayerNode root(int channels) {
        Conv2d conv = Conv2d.of(channels, 1);
        return residualRoots
                ? LayerNode.of(
                                Residual.builder("root", convolutions().linear("", conv))
                                        .read(ReadSpec.of("concat"))
                                        .after(NormActivation.of(activation))
                                        .build())
                        .from("tree2")
                : LayerNode.of(convolutions().activated("root", conv));
    }

    private Residual unit(String unit, int channels, int stride) {
        ConvNorm conv = convolutions();
        List<LayerSpec> branch = new ArrayList<>();
        if (bottleneck) {
            int inner = channels * groupWidth / 64 * cardinality / 2;
            branch.add(conv.activated("conv1", Conv2d.of(Math.multiplyExact(inner, scales), 1)));
            Conv2d spatial = Conv2d.of(inner, 3).withStride(stride).withGroups(cardinality);
            if (scales == 1) {
                branch.add(conv.activated("conv2", spatial));
            } else {
                MultiScale parts = new MultiScale(scales, norm, activation, c -> c.withBias(false));
                branch.add(parts.layers(spatial, stride > 1));
            }
            branch.add(conv.linear("conv3", Conv2d.of(channels, 1)));
        } else {
            branch.add(conv.activated("conv1", Conv2d.of(channels, 3).withStride(stride)));
            branch.add(conv.linear("conv2", Conv2d.of(channels, 3)));
        }
        return Residual.builder(unit, new Sequential("", branch))
                .after(NormActivation.of(activation))
                .build();
    }
}
