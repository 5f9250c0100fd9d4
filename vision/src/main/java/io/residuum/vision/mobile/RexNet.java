package io.residuum.vision.mobile;

import io.residuum.nn.Shapes;
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
import io.residuum.spec.graph.Multiply;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AdaptiveAveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.vision.convolution.ConvNorm;
import java.util.ArrayList;
import java.util.List;

/**
 * A ReXNet for images (Han et al. 2020, arXiv:2007.00992): {@code (N, C, H, W) -> (N, classes)}. A
 * network of inverted residuals in which each unit has a few more channels than the one before. The
 * shortcut adds the input to the first channels of the output. The parts are named {@code stem},
 * {@code blocks} (units from {@code 0} to {@code 15}) and {@code head}.
 *
 * @param width the factor of all channels. Default: 1
 * @param divisor the number that all channels are a multiple of. Default: 1
 * @param squeezeExcitation the hidden width of squeeze-excitation, as a share of the expansion; 0
 *     for none. Default: 0.08333333333333333, a twelfth
 * @param norm the norm. Default: batch
 * @param dropout the dropout rate before the classifier; timm trains with 0.2. Default: 0
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("rexnet")
public record RexNet(
        @Default("\"\"") String name,
        @Default("1.0") double width,
        @Default("1") int divisor,
        @Default("0.08333333333333333") double squeezeExcitation,
        @Default("\"batch\"") NormSpec norm,
        @Default("0.0") double dropout,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, RexNetBuilder.With {

    /** The units of each stage, and the stride of its first unit. */
    private static final int[][] STAGES = {{1, 1}, {2, 2}, {2, 2}, {3, 2}, {3, 1}, {5, 2}};

    private static final int UNITS = 16;
    private static final int EXPANSION = 6;

    /** The units without squeeze-excitation, from the first one. */
    private static final int UNSQUEEZED = 3;

    private static final int STEM = 32;
    private static final int FIRST = 16;

    /** The channels that all units together add to the first ones. */
    private static final int GROWTH = 180;

    private static final int LAST = 1280;
    private static final double LIMIT = 0.9;

    public RexNet {
        Check.positive("width", width);
        Check.positive("divisor", divisor);
        Check.notNegative("squeezeExcitation", squeezeExcitation);
        Check.rate("dropout", dropout);
        stochasticDepth.requirePerUnit("a ReXNet");
        Check.positive("classes", classes);
    }

    @Override
    public RexNet withClasses(int value) {
        return with().classes(value).build();
    }

    private int divisible(double channels) {
        return Shapes.divisible(channels, divisor, LIMIT);
    }

    private ConvNorm convolutions() {
        return new ConvNorm(norm, new ActivationSpec.Silu());
    }

    @Override
    public LayerSpec expand() {
        ConvNorm conv = convolutions();
        // Narrow networks keep the first channels.
        double first = Math.max(1, width);
        int channels = divisible(Math.rint(STEM * first));
        LayerSpec stem = conv.activated("stem", Conv2d.of(channels, 3).withStride(2));
        List<LayerSpec> units = new ArrayList<>();
        for (int[] stage : STAGES) {
            for (int u = 0; u < stage[0]; u++) {
                double grown = (double) GROWTH * units.size() / UNITS;
                int out = divisible(Math.rint(FIRST * first + grown * width));
                units.add(unit(units.size(), channels, out, u == 0 ? stage[1] : 1));
                channels = out;
            }
        }
        List<LayerSpec> head = new ArrayList<>();
        head.add(conv.activated("conv", Conv2d.of(divisible(LAST * width), 1)));
        head.add(new GlobalAveragePool("pool"));
        if (dropout > 0) {
            head.add(new Dropout("dropout", dropout));
        }
        head.add(new Linear("fc", classes));
        return new Sequential(
                name, stem, new Sequential("blocks", units), new Sequential("head", head));
    }

    private Residual unit(int index, int in, int out, int stride) {
        ConvNorm conv = convolutions();
        int hidden = index == 0 ? in : divisible(in * EXPANSION);
        List<LayerSpec> branch = new ArrayList<>();
        if (index > 0) {
            branch.add(conv.activated("expand", Conv2d.of(hidden, 1)));
        }
        branch.add(conv.linear("depthwise", ConvNorm.depthwise(hidden, 3, stride)));
        if (index >= UNSQUEEZED && squeezeExcitation > 0) {
            branch.add(squeeze(divisible((int) (hidden * squeezeExcitation)), hidden));
        }
        branch.add(new Activation("activation", new ActivationSpec.Relu6()));
        branch.add(conv.linear("project", Conv2d.of(out, 1)));
        boolean joins = stride == 1 && in <= out;
        return Residual.builder(Integer.toString(index), new Sequential("", branch))
                .shortcut(joins ? shortcut(in, out) : new ShortcutSpec.None())
                .dropPath(joins ? stochasticDepth.at(index, UNITS) : DropPathSpec.NONE)
                .build();
    }

    private static ShortcutSpec shortcut(int in, int out) {
        return in == out ? ShortcutSpec.IDENTITY : new ShortcutSpec.ZeroPad(true);
    }

    /** Returns squeeze-excitation with a norm of the hidden channels. */
    private LayerSpec squeeze(int width, int channels) {
        return new LayerGraph(
                "se",
                Names.of("input"),
                List.of(
                        LayerNode.of(new AdaptiveAveragePool2d("pool", Size2d.of(1))),
                        LayerNode.of(Conv2d.of(width, 1).withName("reduce")),
                        LayerNode.of(new Normalization("norm", norm)),
                        LayerNode.of(new Activation("activation", ActivationSpec.RELU)),
                        LayerNode.of(Conv2d.of(channels, 1).withName("expand")),
                        LayerNode.of(new Activation("gate", new ActivationSpec.Sigmoid())),
                        LayerNode.of(new Multiply("product")).from("input", "gate")),
                Names.NONE);
    }
}
