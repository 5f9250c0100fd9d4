package io.residuum.transformer.blocks;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.residual.DropPath;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import io.residuum.transformer.Gradients;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every placement with every factor and drop-path, beside its equation. */
class NormPlacementTest {
    private static final int BATCH = 4;
    private static final int LENGTH = 3;
    private static final int WIDTH = 6;
    private static final int SAMPLE = LENGTH * WIDTH;

    private static final Map<String, TransformerBlocks> CASES = new LinkedHashMap<>();

    static {
        Map<String, NormPlacement> placements = new LinkedHashMap<>();
        placements.put("pre", NormPlacement.PRE);
        placements.put("post", NormPlacement.POST);
        placements.put("sandwich", new NormPlacement.Sandwich());
        placements.put("resPost", new NormPlacement.ResPost());
        placements.put("deepNorm", new NormPlacement.DeepNorm(0, 0));
        placements.put("parallel", new NormPlacement.Parallel());
        placements.forEach(
                (name, placement) -> {
                    NormSpec layer = NormSpec.LAYER;
                    TransformerBlocks plain = blocks(placement, layer);
                    CASES.put(name, plain);
                    CASES.put(name + ", RMSNorm", blocks(placement, new NormSpec.Rms(1e-6, 1)));
                    CASES.put(name + ", LayerScale", scaled(plain, new ScaleSpec.Learned(1, true)));
                    CASES.put(name + ", ReZero", scaled(plain, new ScaleSpec.Learned(0, false)));
                    for (DropPath.Mode mode : DropPath.Mode.values()) {
                        CASES.put(name + ", drop-path by " + mode, dropped(plain, mode));
                    }
                });
    }

    private static TransformerBlocks blocks(NormPlacement placement, NormSpec norm) {
        Attention attention = Attention.builder(2).causal(true).build();
        FeedForward mlp =
                FeedForward.plain(2, new ActivationSpec.GeluTanh(), 0, new InitSpec.XavierNormal());
        return TransformerBlocks.of(1, attention, mlp, norm, placement);
    }

    private static TransformerBlocks scaled(TransformerBlocks blocks, ScaleSpec scale) {
        return blocks.withScale(scale);
    }

    private static TransformerBlocks dropped(TransformerBlocks blocks, DropPath.Mode mode) {
        StochasticDepth half =
                new StochasticDepth(
                        0.5, StochasticDepth.Schedule.CONSTANT, mode, DropPath.Rescale.TRAINING);
        return blocks.withStochasticDepth(half);
    }

    static Stream<Arguments> onEachEngine() {
        return Engines.with(CASES.keySet());
    }

    private static double[][] sample(double[] batch, int n) {
        double[][] rows = new double[LENGTH][];
        for (int t = 0; t < LENGTH; t++) {
            int at = n * SAMPLE + t * WIDTH;
            rows[t] = Arrays.copyOfRange(batch, at, at + WIDTH);
        }
        return rows;
    }

    private static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void agreesWithItsEquation(EngineChoice engine, String name) {
        TransformerBlocks spec = CASES.get(name);
        Backend backend = Engines.backend(engine);
        try (Network network =
                        Nets.shaken(Nets.spec(spec, LENGTH, WIDTH), backend, DataType.FLOAT64);
                NDManager manager = backend.newManager()) {
            double[] x = Tensors.draw(1, BATCH * SAMPLE);
            NDList input = new NDList(create(manager, x));
            double[] y = Tensors.values(network.predict(input));
            ReferenceBlocks reference =
                    new ReferenceBlocks(spec, Nets.values(network.parameters()));
            for (int n = 0; n < BATCH; n++) {
                assertClose(flat(reference.of(sample(x, n), 1, 1)), sampleOf(y, n), 1e-9, name);
            }
            if (spec.stochasticDepth().rate() > 0) {
                try (GradientCollector collector = backend.newGradientCollector()) {
                    double[] trained = Tensors.values(network.forward(input, true));
                    for (int n = 0; n < BATCH; n++) {
                        double nearest = nearest(reference, sample(x, n), sampleOf(trained, n));
                        assertTrue(nearest < 1e-9, name + ": " + nearest);
                    }
                }
            }
        }
    }

    /** The distance from what is left where each branch is dropped or doubled. */
    private static double nearest(ReferenceBlocks reference, double[][] x, double[] y) {
        double nearest = Double.POSITIVE_INFINITY;
        for (int kept = 0; kept < 4; kept++) {
            double[] expected = flat(reference.of(x, kept % 2 * 2, kept / 2 * 2));
            double worst = 0;
            for (int i = 0; i < y.length; i++) {
                worst = Math.max(worst, Math.abs(expected[i] - y[i]));
            }
            nearest = Math.min(nearest, worst);
        }
        return nearest;
    }

    private static double[] sampleOf(double[] batch, int n) {
        return Arrays.copyOfRange(batch, n * SAMPLE, (n + 1) * SAMPLE);
    }

    private static NDArray create(NDManager manager, double[] values) {
        Shape shape = new Shape(BATCH, LENGTH, WIDTH);
        return Tensors.create(manager, values, shape, DataType.FLOAT64);
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void hasTheGradientsOfFiniteDifferences(EngineChoice engine, String name) {
        TransformerBlocks drops = CASES.get(name);
        TransformerBlocks spec = drops.withStochasticDepth(StochasticDepth.NONE);
        Backend backend = Engines.backend(engine);
        try (Network network =
                        Nets.shaken(Nets.spec(spec, LENGTH, WIDTH), backend, DataType.FLOAT64);
                NDManager manager = backend.newManager()) {
            NDList inputs = new NDList(create(manager, Tensors.draw(1, BATCH * SAMPLE)));
            NDArray weights = create(manager, Tensors.draw(2, BATCH * SAMPLE));
            Gradients.of(network, inputs, weights)
                    .forEach(
                            (path, gradient) -> {
                                int at = Gradients.steepest(gradient);
                                double slope =
                                        Gradients.slope(network, inputs, weights, path, at, 1e-5);
                                double allowed = 1e-6 * Math.max(1, Math.abs(slope));
                                assertEquals(slope, gradient[at], allowed, path);
                            });
        }
    }
}
