package io.residuum.residual;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.residual.DropPath.Mode;
import io.residuum.residual.DropPath.Rescale;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(Seeds.class)
class DropPathTest {
    private static final double RATE = 0.3;
    private static final int BATCH = 2000;
    private static final Shape INPUT = new Shape(-1, 1);

    /** The input of a branch. */
    private static final class Recorder extends Layer {
        private final List<double[]> inputs = new ArrayList<>();
        private final List<double[]> sideInputs = new ArrayList<>();

        Recorder() {
            super(INPUT);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            inputs.add(Tensors.values(x));
            pass.sideInputs().forEach(r -> sideInputs.add(Tensors.values(r)));
            return x.mul(1);
        }
    }

    /** Sample i holds i + 1, so that 0 is a dropped one; its side input holds the negative. */
    private static NDList samples(NDManager manager, int batch) {
        double[] values = IntStream.rangeClosed(1, batch).mapToDouble(i -> i).toArray();
        double[] negative = Arrays.stream(values).map(v -> -v).toArray();
        Shape shape = new Shape(batch, 1);
        return new NDList(
                Tensors.create(manager, values, shape, DataType.FLOAT32),
                Tensors.create(manager, negative, shape, DataType.FLOAT32),
                manager.create(new float[] {7, 7, 7}));
    }

    private static double[] run(
            Backend backend, DropPath path, Layer branch, int batch, boolean training) {
        try (NDManager manager = backend.newManager()) {
            NDList in = samples(manager, batch);
            ForwardPass pass = ForwardPass.of(backend.newParameterStore(), in, training);
            return Tensors.values(path.forward(pass, in.head(), branch));
        }
    }

    private static DropPath seeded(double rate, Mode mode, Rescale rescale, long seed) {
        DropPath path = new DropPath(rate, mode, rescale);
        path.reseed(seed);
        return path;
    }

    static Stream<Arguments> settings() {
        List<Object[]> settings = new ArrayList<>();
        for (Mode mode : Mode.values()) {
            for (Rescale rescale : Rescale.values()) {
                settings.add(new Object[] {mode, rescale});
            }
        }
        return Engines.all().stream()
                .flatMap(e -> settings.stream().map(s -> Arguments.of(e, s[0], s[1])));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void dropsAtItsRateAndRescalesWhereItShould(EngineChoice engine, Mode mode, Rescale rescale) {
        Backend backend = Engines.backend(engine);
        DropPath path = seeded(RATE, mode, rescale, Seeds.SEED);
        double weight = rescale == Rescale.TRAINING ? 1 / (1 - RATE) : 1;
        int passes = mode == Mode.BATCH ? BATCH : 1;
        int batch = mode == Mode.BATCH ? 1 : BATCH;
        int kept = 0;
        for (int i = 0; i < passes; i++) {
            double[] y = run(backend, path, new Recorder(), batch, true);
            for (int s = 0; s < batch; s++) {
                if (y[s] != 0) {
                    kept++;
                    assertEquals((s + 1) * weight, y[s], 1e-3 * (s + 1));
                }
            }
        }
        // Four standard deviations of a binomial share.
        double share = (double) kept / (passes * batch);
        assertEquals(1 - RATE, share, 4 * Math.sqrt(RATE * (1 - RATE) / BATCH));

        double evaluated = run(backend, path, new Recorder(), 1, false)[0];
        assertEquals(rescale == Rescale.EVALUATION ? 1 - RATE : 1, evaluated, 1e-6);
        if (rescale != Rescale.NEVER) {
            assertEquals(evaluated, share * weight, 0.05, "the same in expectation");
        }
    }

    @EachEngine
    void aDroppedBatchIsNotComputed(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        DropPath path = seeded(0.5, Mode.BATCH, Rescale.TRAINING, Seeds.SEED);
        Recorder branch = new Recorder();
        int kept = 0;
        for (int i = 0; i < 40; i++) {
            double[] y = run(backend, path, branch, 4, true);
            kept += y[0] != 0 ? 1 : 0;
            assertEquals(kept, branch.inputs.size());
        }
        assertTrue(kept > 5 && kept < 35, kept + " of 40 kept");
    }

    @EachEngine
    void theBranchSeesExactlyTheKeptSamplesAndTheirSideInputs(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        Recorder branch = new Recorder();
        DropPath path = seeded(RATE, Mode.KEPT_SAMPLES, Rescale.NEVER, Seeds.SEED);
        double[] y = run(backend, path, branch, 12, true);
        double[] kept = Arrays.stream(y).filter(v -> v != 0).toArray();
        assertTrue(kept.length > 0 && kept.length < 12, kept.length + " of 12 kept");
        assertArrayEquals(kept, branch.inputs.get(0));
        double[] negative = Arrays.stream(kept).map(v -> -v).toArray();
        assertArrayEquals(negative, branch.sideInputs.get(0), "the samples' own");
        assertArrayEquals(new double[] {7, 7, 7}, branch.sideInputs.get(1), "not by sample");
    }

    @EachEngine
    void nothingIsComputedWhereNoSampleIsKept(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        Recorder branch = new Recorder();
        DropPath path = seeded(0.999999, Mode.KEPT_SAMPLES, Rescale.TRAINING, Seeds.SEED);
        assertArrayEquals(new double[5], run(backend, path, branch, 5, true));
        assertTrue(branch.inputs.isEmpty());
    }

    @EachEngine
    void keptSamplesComputeWhatMaskingComputes(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        double[][] y = new double[2][];
        Mode[] modes = {Mode.SAMPLE, Mode.KEPT_SAMPLES};
        for (int i = 0; i < 2; i++) {
            DropPath path = seeded(RATE, modes[i], Rescale.TRAINING, Seeds.SEED);
            y[i] = run(backend, path, new Recorder(), 64, true);
        }
        assertClose(y[0], y[1], 1e-6, "by " + Arrays.toString(modes));
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void drawsBySeedAloneOnEveryEngine(Mode mode) {
        List<List<Double>> draws = new ArrayList<>();
        for (EngineChoice engine : Engines.all()) {
            for (int repeat = 0; repeat < 2; repeat++) {
                draws.add(draws(engine, mode, Seeds.SEED));
            }
        }
        draws.forEach(d -> assertEquals(draws.get(0), d));
        assertTrue(!draws.get(0).equals(draws(Engines.all().get(0), mode, Seeds.SEED + 1)));
    }

    private static List<Double> draws(EngineChoice engine, Mode mode, long seed) {
        DropPath path = seeded(0.5, mode, Rescale.NEVER, seed);
        List<Double> seen = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            for (double v : run(Engines.backend(engine), path, new Recorder(), 4, true)) {
                seen.add(v);
            }
        }
        return seen;
    }
}
