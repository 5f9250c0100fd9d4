package io.residuum.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Interpolation.Mode;
import io.residuum.residual.MergeSpec;
import io.residuum.residual.Residual;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.graph.Add;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Use;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Embedding;
import io.residuum.spec.layers.GeneralizedMeanPool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.WeightStandardizedConv2d;
import io.residuum.spec.layers.spatial.Conv1d;
import io.residuum.spec.layers.spatial.Conv3d;
import io.residuum.spec.layers.spatial.ConvTranspose2d;
import io.residuum.spec.layers.spatial.ResizeTo;
import io.residuum.spec.layers.spatial.Size3d;
import io.residuum.testing.Nets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Costs counted by hand. */
class CostTest {
    private static Arguments image(
            LayerSpec layer, long parameters, long buffers, long macs, long elements) {
        return Arguments.of(Nets.spec(layer, 4, 8, 8), parameters, buffers, macs, elements);
    }

    private static Arguments vector(
            LayerSpec layer, long parameters, long buffers, long macs, long elements) {
        return Arguments.of(Nets.spec(layer, 4), parameters, buffers, macs, elements);
    }

    static Stream<Arguments> costs() {
        Conv2d dilated =
                new Conv2d(
                        "",
                        6,
                        new Size2d(3, 1),
                        new Size2d(2, 1),
                        Size2d.of(0),
                        new Size2d(2, 1),
                        2,
                        true,
                        InitSpec.HE,
                        0);
        MaxPool2d halved = new MaxPool2d("pool", Size2d.of(2), Size2d.of(2), Size2d.of(0));
        Linear linear = new Linear("fc", 4);
        LayerSpec unit =
                Residual.builder("", Conv2d.of(6, 3).withStride(2).withBias(false))
                        .shortcut(new ShortcutSpec.Projection(NormSpec.NONE, false))
                        .merge(new MergeSpec.Gate(MergeSpec.Gated.BOTH, 0))
                        .build();
        return Stream.of(
                // 6 filters of 4 x 3 x 3 at 8 x 8 places.
                image(Conv2d.of(6, 3), 6 * 36 + 6, 0, 6 * 36 * 64, 6 * 64),
                // 6 filters of 2 x 3 x 1; 8 rows less a reach of 5, by twos: 2 rows of 8.
                image(dilated, 6 * 6 + 6, 0, 6 * 6 * 16, 6 * 16),
                image(Conv2d.of(4, 3).withGroups(4).withBias(false), 36, 0, 36 * 64, 4 * 64),
                image(new Normalization("", NormSpec.BATCH), 8, 8, 0, 4 * 64),
                image(new Normalization("", new NormSpec.Instance(1e-5, false, 1)), 0, 0, 0, 256),
                image(new Activation("", new ActivationSpec.PRelu(0.25, true)), 4, 0, 0, 4 * 64),
                // Four arrays as large as the input.
                image(new GeneralizedMeanPool("", 3, 1e-6), 1, 0, 0, 4 * 256),
                image(
                        new WeightStandardizedConv2d("", Conv2d.of(6, 3), 1e-6),
                        6 * 36 + 6,
                        0,
                        6 * 36 * 64,
                        6 * 64),
                vector(linear, 20, 0, 16, 4),
                vector(new Repeat("", 3, linear, false), 60, 0, 48, 12),
                vector(new Repeat("", 3, linear, true), 20, 0, 48, 12),
                // A layer that runs twice, and the sum of its outputs.
                vector(
                        new LayerGraph(
                                List.of(
                                        LayerNode.of(linear),
                                        LayerNode.of(new Use("again", "fc")),
                                        LayerNode.of(new Add("")).from("fc", "again"))),
                        20,
                        0,
                        32,
                        12),
                // Shared by an image and its half: 4 filters of 4 x 3 x 3 at 64 and at 16 places.
                image(
                        new LayerGraph(
                                List.of(
                                        LayerNode.of(Conv2d.of(4, 3).withName("conv")),
                                        LayerNode.of(halved).from("input"),
                                        LayerNode.of(new Use("again", "conv")),
                                        LayerNode.of(new ResizeTo("up", Mode.NEAREST, false))
                                                .from("again", "conv"),
                                        LayerNode.of(new Add("")).from("conv", "up"))),
                        148,
                        0,
                        144 * (64 + 16),
                        4 * (64 + 16 + 16 + 64 + 64)),
                // Two outputs and their sum.
                vector(new Parallel("", List.of(linear, new Linear("b", 4))), 40, 0, 32, 12),
                // Two outputs and their concatenation.
                vector(Parallel.concat("", linear, new Linear("b", 2)), 30, 0, 24, 12),
                // 6 filters of 2 x 3 at 4 places: 11 positions less a reach of 5, by twos.
                Arguments.of(
                        Nets.spec(new Conv1d("", 6, 3, 2, 1, 2, 2, true, InitSpec.HE), 9, 4),
                        42L,
                        0L,
                        144L,
                        24L),
                Arguments.of(
                        Nets.spec(
                                new Conv3d(
                                        "",
                                        5,
                                        Size3d.of(2),
                                        Size3d.of(1),
                                        Size3d.of(0),
                                        Size3d.of(1),
                                        1,
                                        false,
                                        InitSpec.HE),
                                3,
                                4,
                                4,
                                3),
                        120L,
                        0L,
                        120L * 18,
                        90L),
                // Each of 64 pixels of 4 channels reaches 3 filters of a group by 2 x 2 weights.
                image(
                        new ConvTranspose2d(
                                "",
                                6,
                                Size2d.of(2),
                                Size2d.of(2),
                                Size2d.of(0),
                                Size2d.of(0),
                                Size2d.of(1),
                                2,
                                true,
                                InitSpec.HE),
                        4 * 3 * 4 + 6,
                        0,
                        64 * 4 * 3 * 4,
                        6 * 256),
                // A convolution, a projection and a gate with bias, all strided, and their sum.
                image(
                        unit,
                        6 * 36 + 6 * 4 + 6 * 4 + 6,
                        0,
                        16 * (6 * 36 + 6 * 4 + 6 * 4),
                        4 * 6 * 16));
    }

    @ParameterizedTest
    @MethodSource("costs")
    void countsByHand(ModelSpec spec, long parameters, long buffers, long macs, long elements) {
        Cost cost = Cost.of(spec.newBlock());
        assertEquals(parameters, cost.parameters());
        assertEquals(buffers, cost.buffers());
        assertEquals(macs, cost.macs());
        assertEquals(4 * elements, cost.activationBytes());
    }

    @Test
    void tokensAreNoMacs() {
        ModelSpec spec =
                new ModelSpec(
                        "text",
                        new InputSpec.Tokens(7, 100),
                        new Sequential(
                                "",
                                new Embedding("", 100, 8, new InitSpec.Normal(0.02)),
                                new Linear("", 3, false, new InitSpec.XavierNormal())));
        assertEquals(
                new Cost(new Shape(-1, 7, 3), 800 + 24, 0, 7 * 24, 4 * (7 * 8 + 7 * 3)),
                Cost.of(spec.newBlock()));
    }

    /** Rows add up to the whole, however deep the table goes. */
    @ParameterizedTest
    @MethodSource("costs")
    void rowsAddUp(ModelSpec spec) {
        LayerSpec layer = spec.network();
        Integer[] sample = ((InputSpec.Features) spec.input()).shape().toArray(Integer[]::new);
        LayerSpec nest =
                new Sequential(
                        "", layer, new Repeat("", 2, new Sequential("", norm(), norm()), false));
        ModelSpec nested =
                Nets.spec(new Sequential("", nest, new Repeat("", 3, norm(), true)), sample);
        for (int depth = 1; depth < 6; depth++) {
            Summary summary = Summary.of(nested, depth);
            Cost total = summary.total();
            List<Cost> own = summary.rows().stream().map(Summary.Row::own).toList();
            assertEquals(total.parameters(), own.stream().mapToLong(Cost::parameters).sum());
            assertEquals(total.buffers(), own.stream().mapToLong(Cost::buffers).sum());
            assertEquals(total.macs(), own.stream().mapToLong(Cost::macs).sum());
            assertEquals(
                    total.activationBytes(), own.stream().mapToLong(Cost::activationBytes).sum());
        }
    }

    /** Each layer can be counted, but not their sum. */
    @Test
    void aSumThatOverflowsIsRefused() {
        LayerSpec wide = Conv2d.of(1 << 14, 1).withPadding(Size2d.of(1 << 20)).withBias(false);
        LayerSpec repeated = new Repeat("", 1 << 20, new Repeat("", 1 << 20, norm(), true), true);
        ModelSpec tied = Nets.spec(repeated, 4096, 4096);
        ModelSpec many = Nets.spec(new Sequential("", wide, repeated), 4, 8, 8);
        for (ModelSpec spec : List.of(tied, many)) {
            SpecException e = assertThrows(SpecException.class, () -> Summary.of(spec));
            assertTrue(e.getMessage().contains("below 2^63"), e.getMessage());
        }
    }

    private static LayerSpec norm() {
        return new Normalization("", NormSpec.BATCH);
    }
}
