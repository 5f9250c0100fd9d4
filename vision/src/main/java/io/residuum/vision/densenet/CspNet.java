package io.residuum.vision.densenet;

import io.residuum.nn.Shapes;
import io.residuum.residual.DropPathSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.StochasticDepth;
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
import io.residuum.spec.graph.Split;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.SqueezeExcitation;
import io.residuum.vision.convolution.ConvNorm;
import java.util.ArrayList;
import java.util.List;

/**
 * A cross stage partial network for images: {@code (N, C, H, W) -> (N, classes)}. In each stage one
 * half of the channels passes by the residual units, and joins the other half at the end (Wang et
 * al. 2019, arXiv:1911.11929, Section 3). Without the split it is a DarkNet (Redmon and Farhadi
 * 2018, arXiv:1804.02767). The parts are named {@code stem}, {@code stage1} and so on (units from
 * {@code blocks.0}), and {@code head}.
 *
 * @param stem the layers before the first stage
 * @param stages the stages
 * @param split the path of the channels that pass by the units. Default: transition
 * @param unit the kind of unit. Default: dark
 * @param linearSplit true for no activation before the split. Default: false
 * @param widerDownsample true if the strided convolution has the channels of its stage instead of
 *     those of its input, as it has without a split. Default: false
 * @param averageDownsample true for 2x2 average pooling and a 1x1 convolution instead of a strided
 *     one. Default: false
 * @param squeezeExcitation the hidden width of squeeze-excitation, as a share of the channels
 *     within a unit; 0 for none. Default: 0
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: leakyRelu
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("cspnet")
public record CspNet(
        @Default("\"\"") String name,
        Stem stem,
        List<Stage> stages,
        @Default("\"transition\"") CrossStage split,
        @Default("\"dark\"") Unit unit,
        @Default("false") boolean linearSplit,
        @Default("false") boolean widerDownsample,
        @Default("false") boolean averageDownsample,
        @Default("0.0") double squeezeExcitation,
        @Default("\"batch\"") NormSpec norm,
        @Default("\"leakyRelu\"") ActivationSpec activation,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, CspNetBuilder.With {

    /** The number that hidden widths of squeeze-excitation are a multiple of. */
    private static final int DIVISOR = 8;

    /** The paths of the channels that pass by the units of a stage. */
    public enum CrossStage {
        /** None: all channels pass the units, as in DarkNet. */
        NONE,
        /** The first half passes by. The other ends with a 1x1 convolution before they join. */
        TRANSITION,
        /** The second half passes by, without a further convolution, as in YOLOv5. */
        DIRECT
    }

    /** The kinds of units. */
    public enum Unit {
        /** A 1x1, a 3x3 and a 1x1 convolution, and an activation after the sum. */
        BOTTLENECK,
        /** A 1x1 and a 3x3 convolution (Redmon and Farhadi 2018). */
        DARK,
        /** A 3x3 and a 1x1 convolution (Gupta and Tan 2019). */
        EDGE
    }

    /**
     * The convolutions before the first stage.
     *
     * @param widths the channels of each
     * @param kernel the window. Default: 3
     * @param stride the stride of the first. Default: 2
     * @param pool true for 3x3 max pooling with stride 2 at the end. Default: false
     */
    public record Stem(
            List<Integer> widths,
            @Default("3") int kernel,
            @Default("2") int stride,
            @Default("false") boolean pool) {
        public Stem {
            widths = List.copyOf(widths);
            Check.that(!widths.isEmpty(), "widths must not be empty");
            widths.forEach(width -> Check.positive("widths", width));
            Check.positive("kernel", kernel);
            Check.positive("stride", stride);
        }
    }

    /**
     * A stage of a cross stage partial network.
     *
     * @param units the number of units
     * @param channels the output channels
     * @param stride the stride at the beginning; with 1 a stage with a split has no convolution
     *     there. Default: 2
     * @param expansion the channels that are split, by the output channels. Default: 1
     * @param width the channels of the units, by the output channels. Default: 0.5
     * @param ratio the inner channels of a unit, by its channels. Default: 1
     * @param groups the groups of the 3x3 convolutions. Default: 1
     */
    @WithBuilder
    public record Stage(
            int units,
            int channels,
            @Default("2") int stride,
            @Default("1.0") double expansion,
            @Default("0.5") double width,
            @Default("1.0") double ratio,
            @Default("1") int groups)
            implements CspNetStageBuilder.With {
        public Stage {
            Check.depth("units", units);
            Check.positive("channels", channels);
            Check.positive("stride", stride);
            Check.positive("expansion", expansion);
            Check.positive("width", width);
            Check.positive("ratio", ratio);
            Check.positive("groups", groups);
        }

        private int unitChannels() {
            return (int) Math.rint(channels * width);
        }

        private int split() {
            return (int) Math.rint(channels * expansion);
        }
    }

    public CspNet {
        stages = List.copyOf(stages);
        Check.that(!stages.isEmpty(), "stages must not be empty");
        Check.that(
                split != CrossStage.NONE || !linearSplit && !widerDownsample,
                "linearSplit and widerDownsample must be false without a split, got %s and %s",
                linearSplit,
                widerDownsample);
        for (Stage stage : stages) {
            Check.that(
                    split == CrossStage.NONE
                            ? stage.unitChannels() == stage.channels()
                            : 2 * stage.unitChannels() == stage.split(),
                    "width must be %s, because units keep the channels, got %s",
                    split == CrossStage.NONE ? "1 without a split" : "half of the expansion",
                    stage.width());
        }
        Check.notNegative("squeezeExcitation", squeezeExcitation);
        stochasticDepth.requirePerUnit("a CspNet");
        Check.positive("classes", classes);
    }

    @Override
    public CspNet withClasses(int value) {
        return with().classes(value).build();
    }

    private ConvNorm convolutions() {
        return new ConvNorm(norm, activation);
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        parts.add(stemLayers());
        int total = stages.stream().mapToInt(Stage::units).sum();
        int done = 0;
        int in = stem.widths().get(stem.widths().size() - 1);
        for (Stage stage : stages) {
            List<LayerSpec> units = new ArrayList<>();
            for (int u = 0; u < stage.units(); u++) {
                units.add(unit(Integer.toString(u), stage, stochasticDepth.at(done++, total)));
            }
            String part = "stage" + parts.size();
            parts.add(stage(part, stage, in, new Sequential("blocks", units)));
            in = stage.channels();
        }
        parts.add(new Sequential("head", new GlobalAveragePool("pool"), new Linear("fc", classes)));
        return new Sequential(name, parts);
    }

    private LayerSpec stemLayers() {
        List<LayerSpec> layers = new ArrayList<>();
        for (int width : stem.widths()) {
            int stride = layers.isEmpty() ? stem.stride() : 1;
            layers.add(
                    convolutions()
                            .activated(
                                    "conv" + (layers.size() + 1),
                                    Conv2d.of(width, stem.kernel()).withStride(stride)));
        }
        if (stem.pool()) {
            layers.add(new MaxPool2d("pool", Size2d.of(3), Size2d.of(2), Size2d.of(1)));
        }
        return new Sequential("stem", layers);
    }

    private LayerSpec stage(String part, Stage stage, int in, LayerSpec units) {
        ConvNorm conv = convolutions();
        List<LayerNode> nodes = new ArrayList<>();
        if (split == CrossStage.NONE || stage.stride() > 1) {
            nodes.add(LayerNode.of(downsample(stage, in)));
        }
        if (split == CrossStage.NONE) {
            nodes.add(LayerNode.of(units));
            return new LayerGraph(part, Names.of("input"), nodes, Names.NONE);
        }
        boolean direct = split == CrossStage.DIRECT;
        Conv2d expand = Conv2d.of(stage.split(), 1);
        nodes.add(
                LayerNode.of(
                        linearSplit
                                ? conv.linear("expand", expand)
                                : conv.activated("expand", expand)));
        nodes.add(
                LayerNode.of(new Split("split", Split.Parts.equal(2), null))
                        .to(direct ? "path" : "cross", direct ? "cross" : "path"));
        nodes.add(LayerNode.of(units).from("path"));
        if (!direct) {
            nodes.add(LayerNode.of(conv.activated("path", Conv2d.of(stage.split() / 2, 1))));
        }
        nodes.add(
                LayerNode.of(new Concat("concat", null))
                        .from(direct ? "blocks" : "cross", direct ? "cross" : "path"));
        nodes.add(LayerNode.of(conv.activated("transition", Conv2d.of(stage.channels(), 1))));
        return new LayerGraph(part, Names.of("input"), nodes, Names.NONE);
    }

    private LayerSpec downsample(Stage stage, int in) {
        if (averageDownsample) {
            Size2d step = Size2d.of(stage.stride());
            return new Sequential(
                    "downsample",
                    new AveragePool2d("pool", step, step, Size2d.of(0), false, false),
                    convolutions().activated("pooled", conv1x1(stage)));
        }
        int channels = split == CrossStage.NONE || widerDownsample ? stage.channels() : in;
        return convolutions().activated("downsample", spatial(channels, stage, stage.stride()));
    }

    private static Conv2d conv1x1(Stage stage) {
        return Conv2d.of(stage.channels(), 1).withGroups(stage.groups());
    }

    private static Conv2d spatial(int channels, Stage stage, int stride) {
        return Conv2d.of(channels, 3).withStride(stride).withGroups(stage.groups());
    }

    private Residual unit(String place, Stage stage, DropPathSpec dropPath) {
        ConvNorm conv = convolutions();
        int out = stage.unitChannels();
        int inner = (int) Math.rint(out * stage.ratio());
        boolean bottleneck = unit == Unit.BOTTLENECK;
        List<LayerSpec> branch = new ArrayList<>();
        Conv2d point = Conv2d.of(inner, 1);
        branch.add(conv.activated("conv1", unit == Unit.EDGE ? spatial(inner, stage, 1) : point));
        if (bottleneck) {
            branch.add(conv.activated("conv2", spatial(inner, stage, 1)));
        }
        if (squeezeExcitation > 0) {
            branch.add(squeeze(bottleneck ? "se2" : "se", inner));
        }
        branch.add(
                bottleneck
                        ? conv.linear("conv3", Conv2d.of(out, 1))
                        : conv.activated(
                                "conv2",
                                unit == Unit.EDGE ? Conv2d.of(out, 1) : spatial(out, stage, 1)));
        return Residual.builder(place, new Sequential("", branch))
                .dropPath(dropPath)
                .after(bottleneck ? NormActivation.of(activation) : NormActivation.NONE)
                .build();
    }

    private SqueezeExcitation squeeze(String layer, int channels) {
        int width = Shapes.divisible(channels * squeezeExcitation, DIVISOR, 0);
        return SqueezeExcitation.ofWidth(layer, width, activation, new ActivationSpec.Sigmoid());
    }
}
