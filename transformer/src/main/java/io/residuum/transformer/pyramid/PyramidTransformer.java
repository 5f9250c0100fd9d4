package io.residuum.transformer.pyramid;

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
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AdaptiveAveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.AsSequence;
import io.residuum.spec.layers.spatial.Permute;
import io.residuum.spec.layers.spatial.Reshape;
import io.residuum.transformer.branch.Attention;
import java.util.ArrayList;
import java.util.List;

/**
 * A pyramid vision transformer, version 2: {@code (N, C, H, W) -> (N, classes)} (Wang et al. 2021,
 * arXiv:2106.13797). Keys and values come from a smaller image, and feed-forward networks have a
 * depthwise convolution. The parts are named {@code stage1} and so on ({@code embedding}, {@code
 * blocks} of {@code attention} and {@code mlp}, {@code norm}), and {@code head}.
 *
 * @param units the number of blocks in each stage
 * @param widths the channels of each stage
 * @param heads the number of attention heads in each stage
 * @param reductions the height and width of the image divided by those of keys and values, in each
 *     stage. Default: 8, 4, 2, 1
 * @param mlpRatios the hidden width of feed-forward networks by the width, in each stage. Default:
 *     8, 8, 4, 4
 * @param pooled true for keys and values from 7x7 means instead of strided convolutions, and a ReLU
 *     in feed-forward networks (Section 3.1); {@code reductions} must be 1 then. Default: false
 * @param norm the norm before each branch and after each stage. Default: channel
 * @param innerNorm the norm of embeddings, keys and values. Default: channel, eps 1e-5
 * @param activation the activation. Default: gelu
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("pvtV2")
public record PyramidTransformer(
        @Default("\"\"") String name,
        List<Integer> units,
        List<Integer> widths,
        List<Integer> heads,
        @Default("[8, 4, 2, 1]") List<Integer> reductions,
        @Default("[8, 8, 4, 4]") List<Integer> mlpRatios,
        @Default("false") boolean pooled,
        @Default("\"channel\"") NormSpec norm,
        @Default("{\"type\": \"channel\", \"eps\": 1e-5}") NormSpec innerNorm,
        @Default("\"gelu\"") ActivationSpec activation,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, PyramidTransformerBuilder.With {

    private static final InitSpec INIT = new InitSpec.TruncatedNormal(0.02);

    /** The height and width of keys and values that are means. */
    private static final int POOLED = 7;

    public PyramidTransformer {
        units = List.copyOf(units);
        widths = List.copyOf(widths);
        heads = List.copyOf(heads);
        reductions = List.copyOf(reductions);
        mlpRatios = List.copyOf(mlpRatios);
        Check.stages(units, widths);
        Check.stages(units, "heads", heads);
        Check.stages(units, "reductions", reductions);
        Check.stages(units, "mlpRatios", mlpRatios);
        Check.that(
                !pooled || reductions.stream().allMatch(r -> r == 1),
                "reductions must be 1 with pooled, got %s",
                reductions);
        stochasticDepth.requirePerUnit("a pyramid vision transformer");
        Check.positive("classes", classes);
    }

    @Override
    public PyramidTransformer withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        int total = units.stream().mapToInt(Integer::intValue).sum();
        int done = 0;
        for (int s = 0; s < units.size(); s++) {
            List<LayerSpec> blocks = new ArrayList<>();
            for (int u = 0; u < units.get(s); u++) {
                DropPathSpec dropPath = stochasticDepth.at(done++, total);
                blocks.add(
                        new Sequential(
                                Integer.toString(u),
                                unit("attention", dropPath, attention(s)),
                                unit("mlp", dropPath, mlp(s))));
            }
            Conv2d projection = Conv2d.of(widths.get(s), s == 0 ? 7 : 3).withStride(s == 0 ? 4 : 2);
            parts.add(
                    new Sequential(
                            "stage" + (s + 1),
                            new Sequential(
                                    "embedding",
                                    projection.withName("projection"),
                                    new Normalization("norm", innerNorm)),
                            new Sequential("blocks", blocks),
                            new Normalization("norm", norm)));
        }
        Linear fc = new Linear("fc", classes, true, INIT);
        parts.add(new Sequential("head", new GlobalAveragePool("pool"), fc));
        return new Sequential(name, parts);
    }

    private Residual unit(String unit, DropPathSpec dropPath, LayerSpec branch) {
        return Residual.builder(unit, branch)
                .before(NormActivation.of(norm))
                .dropPath(dropPath)
                .build();
    }

    private LayerSpec attention(int stage) {
        int width = widths.get(stage);
        Attention attention =
                Attention.builder(heads.get(stage))
                        .projection(Attention.Projection.of(false, true, INIT))
                        .build();
        int reduction = reductions.get(stage);
        if (reduction == 1 && !pooled) {
            return new Sequential("", new AsSequence("image", attention));
        }
        List<LayerSpec> reduce = new ArrayList<>();
        int kernel = pooled ? 1 : reduction;
        if (pooled) {
            reduce.add(new AdaptiveAveragePool2d("pool", Size2d.of(POOLED)));
        }
        reduce.add(
                Conv2d.of(width, kernel)
                        .with()
                        .name("conv")
                        .stride(Size2d.of(kernel))
                        .padding(Size2d.of(0))
                        .build());
        reduce.add(new Normalization("norm", innerNorm));
        if (pooled) {
            reduce.add(new Activation("activation", activation));
        }
        reduce.add(new Permute("last", List.of(2, 3, 1), true));
        reduce.add(new Reshape("positions", List.of(-1, width)));
        LayerSpec image = new AsSequence("image", attention.withMemory(width));
        return new LayerGraph(
                List.of(
                        LayerNode.of(new Sequential("reduce", reduce)).from("input"),
                        LayerNode.of(image).from("input").with(Attention.MEMORY, "reduce")));
    }

    private LayerSpec mlp(int stage) {
        int width = widths.get(stage);
        int hidden = width * mlpRatios.get(stage);
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(Conv2d.of(hidden, 1).with().name("fc1").init(INIT).build());
        if (pooled) {
            layers.add(new Activation("relu", ActivationSpec.RELU));
        }
        layers.add(Conv2d.of(hidden, 3).withName("depthwise").withGroups(hidden));
        layers.add(new Activation("activation", activation));
        layers.add(Conv2d.of(width, 1).with().name("fc2").init(INIT).build());
        return new Sequential("", layers);
    }
}
