package io.residuum.vision.mobile;

import io.residuum.nn.Shapes;
import io.residuum.residual.DropPathSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Mean;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.SqueezeExcitation;
import io.residuum.vision.convolution.ConvNorm;
import java.util.ArrayList;
import java.util.List;

/**
 * A RepViT for images (Wang et al. 2023, arXiv:2307.09283): {@code (N, C, H, W) -> (N, classes)}. A
 * block mixes positions by a sum of depthwise convolutions and the identity, and channels by two
 * 1x1 convolutions. The head is the mean of two classifiers. The parts are named {@code stem},
 * {@code stage1} and so on ({@code downsample} and the blocks from {@code 0}), and {@code head}.
 *
 * @param units the number of blocks in each stage; every second one, from the first, has
 *     squeeze-excitation
 * @param widths the channels of each stage
 * @param normedSum true for a norm after the sum instead of after its 1x1 convolution. Default:
 *     true
 * @param expansion the hidden channels of a block by its channels. Default: 2
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: gelu
 * @param stochasticDepth the drop-path rate of the channel mixing as a function of depth. Default:
 *     none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("repvit")
public record RepVit(
        @Default("\"\"") String name,
        List<Integer> units,
        List<Integer> widths,
        @Default("true") boolean normedSum,
        @Default("2") int expansion,
        @Default("\"batch\"") NormSpec norm,
        @Default("\"gelu\"") ActivationSpec activation,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, RepVitBuilder.With {

    private static final int KERNEL = 3;
    private static final double SQUEEZE = 0.25;

    public RepVit {
        units = List.copyOf(units);
        widths = List.copyOf(widths);
        Check.stages(units, widths);
        Check.positive("expansion", expansion);
        stochasticDepth.requirePerUnit("a RepVit");
        Check.positive("classes", classes);
    }

    @Override
    public RepVit withClasses(int value) {
        return with().classes(value).build();
    }

    private ConvNorm convolutions() {
        return new ConvNorm(norm, activation);
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        ConvNorm conv = convolutions();
        int channels = widths.get(0);
        parts.add(
                new Sequential(
                        "stem",
                        conv.activated("conv1", Conv2d.of(channels / 2, 3).withStride(2)),
                        conv.linear("conv2", Conv2d.of(channels, 3).withStride(2))));
        int total = units.stream().mapToInt(Integer::intValue).sum();
        int done = 0;
        for (int s = 0; s < units.size(); s++) {
            int width = widths.get(s);
            List<LayerSpec> stage = new ArrayList<>();
            if (s > 0) {
                stage.add(
                        new Sequential(
                                "downsample",
                                block("block", channels, false, DropPathSpec.NONE),
                                conv.linear("spatial", ConvNorm.depthwise(channels, KERNEL, 2)),
                                conv.linear("channel", Conv2d.of(width, 1)),
                                mlp(width, DropPathSpec.NONE)));
            }
            for (int u = 0; u < units.get(s); u++) {
                DropPathSpec dropPath = stochasticDepth.at(done++, total);
                stage.add(block(Integer.toString(u), width, u % 2 == 0, dropPath));
            }
            parts.add(new Sequential("stage" + (s + 1), stage));
            channels = width;
        }
        parts.add(head());
        return new Sequential(name, parts);
    }

    private LayerSpec block(String block, int width, boolean squeeze, DropPathSpec dropPath) {
        Conv2d point = ConvNorm.depthwise(width, 1, 1);
        List<LayerSpec> maps =
                List.of(
                        convolutions().linear("kernel", ConvNorm.depthwise(width, KERNEL, 1)),
                        normedSum
                                ? point.withName("point")
                                : convolutions().linear("point", point));
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(
                Residual.builder("token", new Parallel("", maps))
                        .after(normedSum ? NormActivation.of(norm) : NormActivation.NONE)
                        .build());
        if (squeeze) {
            int hidden = Shapes.divisible(width * SQUEEZE, 8, 0);
            layers.add(SqueezeExcitation.ofWidth("se", hidden));
        }
        layers.add(mlp(width, dropPath));
        return new Sequential(block, layers);
    }

    private Residual mlp(int width, DropPathSpec dropPath) {
        // Zero-init: the unit starts as the identity.
        ConvNorm last = new ConvNorm(norm.withInit(0), activation);
        return Residual.builder(
                        "mlp",
                        convolutions().activated("conv1", Conv2d.of(width * expansion, 1)),
                        last.linear("conv2", Conv2d.of(width, 1)))
                .dropPath(dropPath)
                .build();
    }

    private LayerSpec head() {
        return new LayerGraph(
                "head",
                Names.of("input"),
                List.of(
                        LayerNode.of(new GlobalAveragePool("pool")),
                        LayerNode.of(classifier("main")).from("pool"),
                        LayerNode.of(classifier("distilled")).from("pool"),
                        LayerNode.of(new Mean("mean", 0, 0, 0)).from("main", "distilled")),
                Names.NONE);
    }

    private LayerSpec classifier(String part) {
        return new Sequential(part, new Normalization("norm", norm), new Linear("fc", classes));
    }
}
