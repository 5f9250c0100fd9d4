package io.residuum.vision.hrnet;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Interpolation;
import io.residuum.nn.Layer;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBuilder;
import io.residuum.residual.ShortcutSpec;
import io.residuum.residual.stream.ReadSpec;
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
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.spatial.Resize;
import io.residuum.vision.convolution.ConvNorm;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An HRNet for images whose sides are multiples of 32 pixels: {@code (N, C, H, W) -> (N, classes)}
 * (Wang et al. 2019, arXiv:1908.07919). Branches of several resolutions run side by side and
 * exchange features. Each stage adds a branch of half the resolution and twice the channels. The
 * parts are named {@code stem}, {@code stage1} to {@code stage4}, {@code transition1} to {@code
 * transition3} between them, and {@code head}.
 *
 * @param stem the channels of the two first convolutions. Default: 64
 * @param firstUnits the number of bottlenecks in the first stage. Default: 4
 * @param firstWidth the channels within a bottleneck of the first stage. Default: 64
 * @param width the channels of the branch of the highest resolution
 * @param modules the number of exchanges in each later stage. Default: 1, 4 and 3
 * @param units the number of basic units of each branch before an exchange. Default: 4
 * @param headWidth the channels within the first bottleneck of the head; each further one doubles
 *     them, and the last convolution has 64 times as many. Default: 32
 * @param headBias true for biases of the convolutions in the head. Default: true
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: relu
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("hrnet")
public record HrNet(
        @Default("\"\"") String name,
        @Default("64") int stem,
        @Default("4") int firstUnits,
        @Default("64") int firstWidth,
        int width,
        @Default("[1, 4, 3]") List<Integer> modules,
        @Default("4") int units,
        @Default("32") int headWidth,
        @Default("true") boolean headBias,
        @Default("\"batch\"") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        int classes)
        implements Family, HrNetBuilder.With {

    /** The channels of a bottleneck divided by those within it. */
    private static final int EXPANSION = 4;

    /** The channels of the last convolution divided by {@code headWidth}. */
    private static final int FEATURES = 64;

    public HrNet {
        modules = List.copyOf(modules);
        Check.positive("stem", stem);
        Check.depth("firstUnits", firstUnits);
        Check.positive("firstWidth", firstWidth);
        Check.positive("width", width);
        Check.that(!modules.isEmpty(), "modules must not be empty");
        modules.forEach(n -> Check.depth("modules", n));
        Check.depth("units", units);
        Check.positive("headWidth", headWidth);
        Check.positive("classes", classes);
    }

    @Override
    public HrNet withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public Layer newBlock(Shape input) {
        return newBlock(List.of(input));
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        Shape input = inputs.get(0);
        if (input.dimension() == 4) {
            requireDivisible("height", input.get(2));
            requireDivisible("width", input.get(3));
        }
        return Family.super.newBlock(inputs);
    }

    /** Requires a size that each branch halves, so that its features fit when they are enlarged. */
    private void requireDivisible(String side, long size) {
        int factor = 1 << modules.size();
        Check.that(
                (size + 3) / 4 % factor == 0,
                "the %s of images must be a multiple of %s for %s branches, got %s; resize or pad",
                side,
                4 * factor,
                modules.size() + 1,
                size);
    }

    private ConvNorm convolutions() {
        return new ConvNorm(norm, activation);
    }

    private int channels(int branch) {
        return width << branch;
    }

    @Override
    public LayerSpec expand() {
        ConvNorm conv = convolutions();
        List<LayerNode> nodes = new ArrayList<>();
        nodes.add(
                LayerNode.of(
                        new Sequential(
                                "stem",
                                conv.activated("conv1", Conv2d.of(stem, 3).withStride(2)),
                                conv.activated("conv2", Conv2d.of(stem, 3).withStride(2)))));
        List<LayerSpec> first = new ArrayList<>();
        for (int u = 0; u < firstUnits; u++) {
            int in = u == 0 ? stem : firstWidth * EXPANSION;
            first.add(bottleneck(Integer.toString(u), in, firstWidth));
        }
        nodes.add(LayerNode.of(new Sequential("stage1", first)));
        String[] before = {"stage1"};
        for (int s = 1; s <= modules.size(); s++) {
            String[] after = names("x", s + 1);
            nodes.add(LayerNode.of(transition(s)).from(before).to(after));
            List<LayerNode> exchanges = new ArrayList<>();
            for (int m = 0; m < modules.get(s - 1); m++) {
                exchanges.add(
                        LayerNode.of(module(Integer.toString(m), s + 1)).from(after).to(after));
            }
            Names all = Names.of(List.of(after));
            LayerGraph stage = new LayerGraph("stage" + (s + 1), all, exchanges, all);
            nodes.add(LayerNode.of(stage).from(after).to(after));
            before = after;
        }
        nodes.add(LayerNode.of(head(before)).from(before));
        return new LayerGraph(name, Names.of("input"), nodes, Names.NONE);
    }

    private static String[] names(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toArray(String[]::new);
    }

    /** Returns layers that add a branch, of half the resolution of the last one. */
    private LayerGraph transition(int stage) {
        ConvNorm conv = convolutions();
        List<LayerNode> nodes = new ArrayList<>();
        List<String> outputs = new ArrayList<>(List.of(names("x", stage)));
        if (stage == 1) {
            nodes.add(LayerNode.of(conv.activated("same0", Conv2d.of(width, 3))).from("x0"));
            outputs.set(0, "same0");
        }
        String added = "halved" + stage;
        Conv2d halved = Conv2d.of(channels(stage), 3).withStride(2);
        nodes.add(LayerNode.of(conv.activated(added, halved)).from("x" + (stage - 1)));
        outputs.add(added);
        Names inputs = Names.of(List.of(names("x", stage)));
        return new LayerGraph("transition" + stage, inputs, nodes, Names.of(outputs));
    }

    /** Returns units of each branch, and the exchange of features between all branches. */
    private LayerGraph module(String module, int branches) {
        List<LayerNode> nodes = new ArrayList<>();
        for (int b = 0; b < branches; b++) {
            List<LayerSpec> branch = new ArrayList<>();
            for (int u = 0; u < units; u++) {
                branch.add(basic(Integer.toString(u), channels(b)));
            }
            nodes.add(LayerNode.of(new Sequential("branch" + b, branch)).from("x" + b));
        }
        for (int i = 0; i < branches; i++) {
            List<String> others = new ArrayList<>();
            for (int j = 0; j < branches; j++) {
                if (i != j) {
                    LayerSpec resized = j > i ? up(i, j) : down(i, j);
                    nodes.add(LayerNode.of(resized).from("branch" + j));
                    others.add(resized.name());
                }
            }
            String read = others.get(0);
            if (others.size() > 1) {
                read = "others" + i;
                nodes.add(LayerNode.of(new Add(read)).from(others.toArray(String[]::new)));
            }
            nodes.add(LayerNode.of(sum("y" + i, read)).from("branch" + i));
        }
        Names inputs = Names.of(List.of(names("x", branches)));
        return new LayerGraph(module, inputs, nodes, Names.of(List.of(names("y", branches))));
    }

    /** Returns {@code activation(x + read)}. */
    private Residual sum(String unit, String read) {
        return Residual.builder(unit, new Sequential(""))
                .read(ReadSpec.of(read))
                .after(NormActivation.of(activation))
                .build();
    }

    private LayerSpec up(int to, int from) {
        List<LayerSpec> layers =
                new ArrayList<>(convolutions().linear("", Conv2d.of(channels(to), 1)).layers());
        layers.add(Resize.by("resize", 1 << (from - to), Interpolation.Mode.NEAREST));
        return new Sequential("up" + to + "_" + from, layers);
    }

    private LayerSpec down(int to, int from) {
        ConvNorm conv = convolutions();
        List<LayerSpec> layers = new ArrayList<>();
        for (int k = 0; k < to - from - 1; k++) {
            Conv2d halved = Conv2d.of(channels(from), 3).withStride(2);
            layers.add(conv.activated(Integer.toString(k), halved));
        }
        Conv2d last = Conv2d.of(channels(to), 3).withStride(2);
        layers.add(conv.linear(Integer.toString(to - from - 1), last));
        return new Sequential("down" + to + "_" + from, layers);
    }

    /** Returns the layers that join all branches, from the highest resolution to the lowest. */
    private LayerGraph head(String[] branches) {
        ConvNorm conv = convolutions();
        List<LayerNode> nodes = new ArrayList<>();
        String joined = "";
        for (int b = 0; b < branches.length; b++) {
            int inner = headWidth << b;
            Residual widened = bottleneck("widen" + b, channels(b), inner);
            nodes.add(LayerNode.of(widened).from(branches[b]));
            if (b == 0) {
                joined = widened.name();
                continue;
            }
            Conv2d halved = Conv2d.of(inner * EXPANSION, 3).withStride(2);
            Sequential down = headConvolution("down" + (b - 1), halved);
            nodes.add(LayerNode.of(down).from(joined));
            Residual sum =
                    Residual.builder("join" + b, new Sequential(""))
                            .read(ReadSpec.of(widened.name()))
                            .build();
            nodes.add(LayerNode.of(sum).from(down.name()));
            joined = sum.name();
        }
        nodes.add(
                LayerNode.of(headConvolution("last", Conv2d.of(FEATURES * headWidth, 1)))
                        .from(joined));
        nodes.add(LayerNode.of(new GlobalAveragePool("pool")));
        nodes.add(LayerNode.of(new Linear("fc", classes)));
        return new LayerGraph("head", Names.of(List.of(branches)), nodes, Names.NONE);
    }

    private Sequential headConvolution(String part, Conv2d conv) {
        return new Sequential(
                part,
                conv.with().name("conv").bias(headBias).build(),
                new Normalization("norm", norm),
                new Activation("activation", activation));
    }

    private Residual basic(String unit, int channels) {
        ConvNorm conv = convolutions();
        return unit(
                        unit,
                        conv.activated("conv1", Conv2d.of(channels, 3)),
                        conv.linear("conv2", Conv2d.of(channels, 3)))
                .build();
    }

    private Residual bottleneck(String unit, int in, int inner) {
        ConvNorm conv = convolutions();
        int out = inner * EXPANSION;
        return unit(
                        unit,
                        conv.activated("conv1", Conv2d.of(inner, 1)),
                        conv.activated("conv2", Conv2d.of(inner, 3)),
                        conv.linear("conv3", Conv2d.of(out, 1)))
                .shortcut(
                        in == out
                                ? ShortcutSpec.IDENTITY
                                : new ShortcutSpec.Projection(norm, false))
                .build();
    }

    private ResidualBuilder unit(String unit, LayerSpec... branch) {
        return Residual.builder(unit, branch).after(NormActivation.of(activation));
    }
}
