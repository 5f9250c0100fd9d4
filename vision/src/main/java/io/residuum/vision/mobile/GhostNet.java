package io.residuum.vision.mobile;

import io.residuum.nn.Shapes;
import io.residuum.residual.LayeredShortcut;
import io.residuum.residual.Residual;
import io.residuum.residual.ShortcutSpec;
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
import io.residuum.spec.graph.Multiply;
import io.residuum.spec.graph.Names;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.SqueezeExcitation;
import io.residuum.spec.layers.spatial.ResizeTo;
import io.residuum.vision.convolution.ConvNorm;
import java.util.ArrayList;
import java.util.List;

/**
 * A GhostNet for images: {@code (N, C, H, W) -> (N, classes)}. Its units are inverted residuals of
 * ghost modules, which compute half of their channels by a 1x1 convolution and the other half by a
 * depthwise convolution of the first (Han et al. 2020, arXiv:1911.11907, Table 1). The parts are
 * named {@code stem}, {@code stage1} to {@code stage9} (units from {@code 0}), and {@code head}.
 *
 * @param width the factor of all channels but the last hidden ones. Default: 1
 * @param attention true for GhostNetV2: the ghost modules that expand, except those of the first
 *     two units, have attention over rows and columns of the image (Tang et al. 2022,
 *     arXiv:2211.12905, Section 4). Default: false
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: relu
 * @param dropout the dropout rate before the classifier; the papers train with 0.2. Default: 0
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("ghostnet")
public record GhostNet(
        @Default("\"\"") String name,
        @Default("1.0") double width,
        @Default("false") boolean attention,
        @Default("\"batch\"") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("0.0") double dropout,
        int classes)
        implements Family, GhostNetBuilder.With {

    /** The channels between the last two linear maps. */
    private static final int HIDDEN = 1280;

    /** The number that all channels are a multiple of, and the least share that rounding keeps. */
    private static final int DIVISOR = 4;

    private static final double LIMIT = 0.9;
    private static final double SQUEEZE = 0.25;

    /** The first units, whose ghost modules have no attention. */
    private static final int PLAIN = 2;

    /** A unit: the window of its depthwise convolutions, its widths and its stride. */
    private record Unit(int kernel, int hidden, int channels, boolean squeeze, int stride) {}

    private static final List<List<Unit>> STAGES =
            List.of(
                    List.of(new Unit(3, 16, 16, false, 1)),
                    List.of(new Unit(3, 48, 24, false, 2)),
                    List.of(new Unit(3, 72, 24, false, 1)),
                    List.of(new Unit(5, 72, 40, true, 2)),
                    List.of(new Unit(5, 120, 40, true, 1)),
                    List.of(new Unit(3, 240, 80, false, 2)),
                    List.of(
                            new Unit(3, 200, 80, false, 1),
                            new Unit(3, 184, 80, false, 1),
                            new Unit(3, 184, 80, false, 1),
                            new Unit(3, 480, 112, true, 1),
                            new Unit(3, 672, 112, true, 1)),
                    List.of(new Unit(5, 672, 160, true, 2)),
                    List.of(
                            new Unit(5, 960, 160, false, 1),
                            new Unit(5, 960, 160, true, 1),
                            new Unit(5, 960, 160, false, 1),
                            new Unit(5, 960, 160, true, 1)));

    public GhostNet {
        Check.positive("width", width);
        Check.rate("dropout", dropout);
        Check.positive("classes", classes);
    }

    @Override
    public GhostNet withClasses(int value) {
        return with().classes(value).build();
    }

    private int channels(double published) {
        return Shapes.divisible(published * width, DIVISOR, LIMIT);
    }

    private ConvNorm convolutions() {
        return new ConvNorm(norm, activation);
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        int channels = channels(16);
        int hidden = 0;
        ConvNorm conv = convolutions();
        parts.add(conv.activated("stem", Conv2d.of(channels, 3).withStride(2)));
        int done = 0;
        for (List<Unit> units : STAGES) {
            List<LayerSpec> stage = new ArrayList<>();
            for (Unit unit : units) {
                stage.add(unit(Integer.toString(stage.size()), unit, channels, done >= PLAIN));
                channels = channels(unit.channels());
                hidden = channels(unit.hidden());
                done++;
            }
            parts.add(new Sequential("stage" + parts.size(), stage));
        }
        List<LayerSpec> head = new ArrayList<>();
        head.add(conv.activated("conv", Conv2d.of(hidden, 1)));
        head.add(new GlobalAveragePool("pool"));
        head.add(new Linear("hidden", HIDDEN));
        head.add(new Activation("activation", activation));
        if (dropout > 0) {
            head.add(new Dropout("dropout", dropout));
        }
        head.add(new Linear("fc", classes));
        parts.add(new Sequential("head", head));
        return new Sequential(name, parts);
    }

    private Residual unit(String name, Unit unit, int in, boolean attends) {
        int hidden = channels(unit.hidden());
        int out = channels(unit.channels());
        List<LayerSpec> branch = new ArrayList<>();
        branch.add(ghost("ghost1", hidden, true, attention && attends));
        if (unit.stride() > 1) {
            branch.add(depthwise(hidden, unit));
        }
        if (unit.squeeze()) {
            int squeezed = Shapes.divisible(hidden * SQUEEZE, DIVISOR, LIMIT);
            ActivationSpec gate = new ActivationSpec.HardSigmoid();
            branch.add(SqueezeExcitation.ofWidth("se", squeezed, ActivationSpec.RELU, gate));
        }
        branch.add(ghost("ghost2", out, false, false));
        boolean same = in == out && unit.stride() == 1;
        return Residual.builder(name, new Sequential("", branch))
                .shortcut(
                        same
                                ? ShortcutSpec.IDENTITY
                                : new LayeredShortcut(
                                        List.of(
                                                depthwise(in, unit),
                                                convolutions()
                                                        .linear("pointwise", Conv2d.of(out, 1)))))
                .build();
    }

    private LayerSpec depthwise(int channels, Unit unit) {
        Conv2d conv = ConvNorm.depthwise(channels, unit.kernel(), unit.stride());
        return convolutions().linear("depthwise", conv);
    }

    private LayerSpec ghost(String name, int out, boolean activated, boolean attends) {
        ConvNorm conv = new ConvNorm(norm, activated ? activation : ActivationSpec.NONE);
        int half = out / 2;
        List<LayerNode> nodes = new ArrayList<>();
        nodes.add(LayerNode.of(conv.activated("primary", Conv2d.of(half, 1))));
        nodes.add(LayerNode.of(conv.activated("cheap", ConvNorm.depthwise(half, 3, 1))));
        nodes.add(LayerNode.of(new Concat("concat", null)).from("primary", "cheap"));
        if (attends) {
            AveragePool2d halved =
                    new AveragePool2d(
                            "pool", Size2d.of(2), Size2d.of(2), Size2d.of(0), false, true);
            Conv2d rows = ConvNorm.depthwise(out, new Size2d(1, 5));
            Conv2d columns = ConvNorm.depthwise(out, new Size2d(5, 1));
            nodes.add(LayerNode.of(halved).from("input"));
            nodes.add(LayerNode.of(conv.linear("map", Conv2d.of(out, 1))));
            nodes.add(LayerNode.of(conv.linear("horizontal", rows)));
            nodes.add(LayerNode.of(conv.linear("vertical", columns)));
            nodes.add(LayerNode.of(new Activation("gate", new ActivationSpec.Sigmoid())));
            ResizeTo resize = Defaults.of(ResizeTo.class);
            ResizeTo factors = new ResizeTo("factors", resize.mode(), resize.alignCorners());
            nodes.add(LayerNode.of(factors).from("gate", "concat"));
            nodes.add(LayerNode.of(new Multiply("product")).from("concat", "factors"));
        }
        return new LayerGraph(name, Names.of("input"), nodes, Names.NONE);
    }
}
