package io.residuum.vision.densenet;

import io.residuum.nn.spatial.PadBlock;
import io.residuum.residual.DropPathSpec;
import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.ShortcutSpec;
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
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.Border;
import io.residuum.spec.layers.spatial.Pad;
import io.residuum.spec.layers.spatial.Sides;
import io.residuum.vision.convolution.ConvNorm;
import java.util.ArrayList;
import java.util.List;

/**
 * A PP-HGNet of PaddleClas for images: {@code (N, C, H, W) -> (N, classes)}. A unit is a chain of
 * convolutions that concatenates its input and all their outputs, as in {@link VovNet}. Version 2
 * has another stem and may have separable convolutions. The parts are named {@code stem}, {@code
 * stage1} to {@code stage4} (units from {@code 0}, {@code downsample} before them), and {@code
 * head}.
 *
 * @param stem the channels of the three first convolutions; or two numbers for the stem of version
 *     2, the channels within and after it
 * @param stages the stages
 * @param affine true for a learned factor and offset after each activation. Default: false
 * @param hidden the width of the linear map before the classifier. Default: 2048
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: relu
 * @param dropout the dropout rate before the classifier. Default: 0
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("hgnet")
public record HgNet(
        @Default("\"\"") String name,
        List<Integer> stem,
        List<Stage> stages,
        @Default("false") boolean affine,
        @Default("2048") int hidden,
        @Default("\"batch\"") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("0.0") double dropout,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, HgNetBuilder.With {

    /**
     * Equal units.
     *
     * @param width the channels of the convolutions in a unit
     * @param channels the channels after a unit
     * @param units the number of units. Default: 1
     * @param layers the number of convolutions in a unit
     * @param kernel the window of the convolutions, odd. Default: 3
     * @param separable true for a 1x1 and a depthwise convolution instead of each. Default: false
     */
    public record Stage(
            int width,
            int channels,
            @Default("1") int units,
            int layers,
            @Default("3") int kernel,
            @Default("false") boolean separable) {
        public Stage {
            Check.positive("width", width);
            Check.positive("channels", channels);
            Check.depth("units", units);
            Check.positive("layers", layers);
            Check.odd("kernel", kernel);
        }
    }

    public HgNet {
        stem = List.copyOf(stem);
        stages = List.copyOf(stages);
        Check.that(
                stem.size() == 2 || stem.size() == 3,
                "stem must have 3 numbers, or 2 for version 2, got %s",
                stem);
        stem.forEach(c -> Check.positive("stem", c));
        Check.that(
                stem.size() == 3 || stem.get(0) > 1,
                "stem must begin with 2 channels or more in version 2, which halves them, got %s",
                stem);
        Check.that(!stages.isEmpty(), "stages must not be empty");
        Check.positive("hidden", hidden);
        Check.rate("dropout", dropout);
        stochasticDepth.requirePerUnit("a PP-HGNet");
        Check.positive("classes", classes);
    }

    @Override
    public HgNet withClasses(int value) {
        return with().classes(value).build();
    }

    private boolean second() {
        return stem.size() == 2;
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        parts.add(second() ? secondStem() : firstStem());
        int in = stem.get(stem.size() - 1);
        int total = stages.stream().mapToInt(Stage::units).sum();
        int done = 0;
        for (Stage stage : stages) {
            List<LayerSpec> layers = new ArrayList<>();
            if (parts.size() > 1) {
                Conv2d halved = ConvNorm.depthwise(in, 3, 2);
                layers.add(new ConvNorm(norm, activation).linear("downsample", halved));
            }
            for (int u = 0; u < stage.units(); u++) {
                DropPathSpec dropPath = stochasticDepth.at(done++, total);
                List<LayerSpec> branch = new ArrayList<>();
                branch.add(features(stage));
                branch.addAll(aggregation(stage.channels()));
                layers.add(
                        Residual.builder(Integer.toString(u), new Sequential("", branch))
                                .shortcut(u == 0 ? new ShortcutSpec.None() : ShortcutSpec.IDENTITY)
                                .dropPath(u == 0 ? DropPathSpec.NONE : dropPath)
                                .build());
                in = stage.channels();
            }
            parts.add(new Sequential("stage" + parts.size(), layers));
        }
        List<LayerSpec> head = new ArrayList<>();
        head.add(new GlobalAveragePool("pool"));
        head.add(new Linear("hidden", hidden, false, InitSpec.HE));
        head.add(activationLayer());
        if (dropout > 0) {
            head.add(new Dropout("dropout", dropout));
        }
        head.add(new Linear("fc", classes));
        parts.add(new Sequential("head", head));
        return new Sequential(name, parts);
    }

    private LayerSpec firstStem() {
        List<LayerSpec> layers = new ArrayList<>();
        for (int i = 0; i < stem.size(); i++) {
            Conv2d conv = Conv2d.of(stem.get(i), 3).withStride(i == 0 ? 2 : 1);
            layers.add(activated(Integer.toString(i), conv));
        }
        layers.add(new MaxPool2d("pool", Size2d.of(3), Size2d.of(2), Size2d.of(1)));
        return new Sequential("stem", layers);
    }

    private LayerSpec secondStem() {
        int inner = stem.get(0);
        Size2d two = Size2d.of(2);
        return new LayerGraph(
                "stem",
                Names.of("input"),
                List.of(
                        LayerNode.of(activated("stem1", Conv2d.of(inner, 3).withStride(2))),
                        pad("pad1"),
                        LayerNode.of(activated("stem2a", square(inner / 2))),
                        pad("pad2"),
                        LayerNode.of(activated("stem2b", square(inner))),
                        LayerNode.of(new MaxPool2d("pool", two, Size2d.of(1), Size2d.of(0)))
                                .from("pad1"),
                        LayerNode.of(new Concat("concat", null)).from("pool", "stem2b"),
                        LayerNode.of(activated("stem3", Conv2d.of(inner, 3).withStride(2))),
                        LayerNode.of(activated("stem4", Conv2d.of(stem.get(1), 1)))),
                Names.NONE);
    }

    /** Returns padding after the last row and the last column. */
    private static LayerNode pad(String name) {
        Border after = Border.of(List.of(new Sides(0, 1), new Sides(0, 1)));
        return LayerNode.of(new Pad(name, after, PadBlock.Mode.CONSTANT, 0));
    }

    private static Conv2d square(int filters) {
        return Conv2d.of(filters, 2).withPadding(Size2d.of(0));
    }

    private LayerSpec features(Stage stage) {
        List<LayerSpec> chain = new ArrayList<>();
        for (int i = 0; i < stage.layers(); i++) {
            chain.add(layer("layer" + i, stage));
        }
        return new LayerGraph("features", Names.of("input"), Aggregation.of(chain), Names.NONE);
    }

    private LayerSpec layer(String layer, Stage stage) {
        int width = stage.width();
        if (!stage.separable()) {
            return activated(layer, Conv2d.of(width, stage.kernel()));
        }
        return new Sequential(
                layer,
                new ConvNorm(norm, activation).linear("conv1", Conv2d.of(width, 1)),
                activated("conv2", ConvNorm.depthwise(width, stage.kernel(), 1)));
    }

    private List<LayerSpec> aggregation(int channels) {
        if (second()) {
            return List.of(
                    activated("squeeze", Conv2d.of(channels / 2, 1)),
                    activated("join", Conv2d.of(channels, 1)));
        }
        return List.of(
                activated("join", Conv2d.of(channels, 1)),
                Aggregation.attention(
                        Conv2d.of(channels, 1).withName("conv"), new ActivationSpec.Sigmoid()));
    }

    private Sequential activated(String part, Conv2d conv) {
        List<LayerSpec> layers =
                new ArrayList<>(new ConvNorm(norm, activation).linear("", conv).layers());
        layers.add(activationLayer());
        return new Sequential(part, layers);
    }

    private LayerSpec activationLayer() {
        Activation function = new Activation("activation", activation);
        return affine
                ? Residual.builder("activation", function)
                        .shortcut(new ShortcutSpec.None())
                        .scale(new ScaleSpec.Affine(1, false))
                        .build()
                : function;
    }
}
