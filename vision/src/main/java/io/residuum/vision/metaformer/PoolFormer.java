package io.residuum.vision.metaformer;

import io.residuum.residual.DropPathSpec;
import io.residuum.residual.MergeSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;

/**
 * A PoolFormer for images (Yu et al. 2022, arXiv:2111.11418): {@code (N, C, H, W) -> (N, classes)}.
 * A block mixes positions by the mean of their neighbours, and channels by two 1x1 convolutions.
 * The parts are named {@code stem}, {@code stage1} and so on (blocks from {@code 0}, with {@code
 * mixer} and {@code mlp}; {@code downsample} before them), and {@code head}.
 *
 * @param units the number of blocks in each stage
 * @param widths the channels of each stage
 * @param window the side of the window of the mean, odd. Default: 3
 * @param layerScale the initial factor of each branch's channels
 * @param norm the norm before each branch. Default: group, with 1 group
 * @param lastNorm the norm after the pooling. Default: layer, with eps 1e-6
 * @param activation the activation. Default: gelu
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("poolformer")
public record PoolFormer(
        @Default("\"\"") String name,
        List<Integer> units,
        List<Integer> widths,
        @Default("3") int window,
        double layerScale,
        @Default("{\"type\": \"group\", \"groups\": 1}") NormSpec norm,
        @Default("{\"type\": \"layer\", \"eps\": 1e-6}") NormSpec lastNorm,
        @Default("\"gelu\"") ActivationSpec activation,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, PoolFormerBuilder.With {

    /** The hidden width divided by the width. */
    private static final int EXPANSION = 4;

    public PoolFormer {
        units = List.copyOf(units);
        widths = List.copyOf(widths);
        Check.stages(units, widths);
        Check.odd("window", window);
        Check.finite("layerScale", layerScale);
        stochasticDepth.requirePerUnit("a PoolFormer");
        Check.positive("classes", classes);
    }

    @Override
    public PoolFormer withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        parts.add(new Sequential("stem", downsample(widths.get(0), 7, 4, 2)));
        int total = units.stream().mapToInt(Integer::intValue).sum();
        int done = 0;
        for (int s = 0; s < units.size(); s++) {
            int width = widths.get(s);
            List<LayerSpec> stage = new ArrayList<>();
            if (s > 0) {
                stage.add(new Sequential("downsample", downsample(width, 3, 2, 1)));
            }
            for (int u = 0; u < units.get(s); u++) {
                DropPathSpec dropPath = stochasticDepth.at(done++, total);
                stage.add(
                        new Sequential(
                                Integer.toString(u),
                                unit("mixer", dropPath, pooling()),
                                unit(
                                        "mlp",
                                        dropPath,
                                        Conv2d.of(width * EXPANSION, 1).withName("fc1"),
                                        new Activation("activation", activation),
                                        Conv2d.of(width, 1).withName("fc2"))));
            }
            parts.add(new Sequential("stage" + (s + 1), stage));
        }
        parts.add(
                new Sequential(
                        "head",
                        new GlobalAveragePool("pool"),
                        new Normalization("norm", lastNorm),
                        new Linear("fc", classes)));
        return new Sequential(name, parts);
    }

    /** Returns {@code mean(x) - x}. */
    private Residual pooling() {
        AveragePool2d mean =
                new AveragePool2d(
                        "pool",
                        Size2d.of(window),
                        Size2d.of(1),
                        Size2d.of(window / 2),
                        false,
                        false);
        return Residual.builder("", mean).merge(new MergeSpec.Add(-1, 1)).build();
    }

    private Residual unit(String unit, DropPathSpec dropPath, LayerSpec... branch) {
        return Residual.builder(unit, branch)
                .before(NormActivation.of(norm))
                .scale(new ScaleSpec.Learned(layerScale, true))
                .dropPath(dropPath)
                .build();
    }

    private static Conv2d downsample(int width, int kernel, int stride, int padding) {
        return Conv2d.of(width, kernel)
                .with()
                .name("conv")
                .stride(Size2d.of(stride))
                .padding(Size2d.of(padding))
                .build();
    }
}
