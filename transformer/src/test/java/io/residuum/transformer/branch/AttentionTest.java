package io.residuum.transformer.branch;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Size2d;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import io.residuum.transformer.Gradients;
import io.residuum.transformer.branch.Attention.Projection;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionTest {
    private static final int BATCH = 3;
    private static final int LENGTH = 5;
    private static final int CHANNELS = 8;
    private static final int MEMORY_LENGTH = 4;
    private static final int MEMORY_WIDTH = 6;

    /** Add the same to all scores of a query, which softmax cancels; everything else matters. */
    private static final Set<String> IDLE = Set.of("k.bias", "keyNorm.bias", "talkScores.bias");

    private static final Map<String, Attention> CASES = cases();

    private static Map<String, Attention> cases() {
        Projection separate = Projection.of(false, true, new InitSpec.XavierNormal());
        Projection bare = Projection.of(true, false, new InitSpec.XavierNormal());
        RotaryScaling none = RotaryScaling.NONE;
        Map<String, Attention> cases = new LinkedHashMap<>();
        cases.put("plain", Attention.builder(4).build());
        cases.put("separate", Attention.builder(4).projection(separate).build());
        cases.put("no biases", Attention.builder(4).projection(bare).build());
        cases.put("grouped", Attention.builder(4).kvHeads(2).build());
        cases.put("grouped, separate", grouped().projection(separate).build());
        cases.put("one key-value head", Attention.builder(4).kvHeads(1).build());
        cases.put("wide heads", Attention.builder(2).kvHeads(1).headWidth(6).build());
        cases.put("causal", Attention.builder(2).causal(true).build());
        cases.put("causal, grouped", grouped().causal(true).build());
        cases.put("window", Attention.builder(2).window(2).build());
        cases.put("causal window", grouped().causal(true).window(3).build());
        cases.put("memory", Attention.builder(4).build().overMemory(MEMORY_WIDTH));
        cases.put("memory, grouped", grouped().build().overMemory(MEMORY_WIDTH));
        cases.put("scores", Attention.builder(2).scale(0.7).softCap(1.5).build());
        cases.put(
                "norm of queries and keys",
                grouped().queryKeyNorm(new NormSpec.Rms(1e-6, 1)).build());
        cases.put(
                "rotary, half-split",
                grouped().position(new PositionSpec.Rotary(100, false, none)).build());
        cases.put(
                "rotary, interleaved",
                grouped().position(new PositionSpec.Rotary(100, true, none)).causal(true).build());
        cases.put("ALiBi", Attention.builder(4).position(new PositionSpec.Alibi()).build());
        cases.put("layer norm of queries and keys", grouped().queryKeyNorm(NormSpec.LAYER).build());
        for (RotaryScaling scaling :
                List.of(
                        new RotaryScaling.Linear(4),
                        new RotaryScaling.Ntk(4),
                        new RotaryScaling.Llama3(8, 1, 4, 100))) {
            cases.put(
                    "rotary, " + scaling,
                    Attention.builder(2)
                            .position(new PositionSpec.Rotary(10, false, scaling))
                            .build());
        }
        cases.put("talking heads", Attention.builder(4).talkingHeads(true).build());
        cases.put(
                "talking heads, causal, grouped",
                grouped().causal(true).scale(0.7).softCap(1.5).talkingHeads(true).build());
        cases.put("first queries", Attention.builder(4).build().ofFirst(1));
        cases.put(
                "first queries, talking, grouped", grouped().talkingHeads(true).build().ofFirst(2));
        cases.put(
                "ALiBi, causal, grouped",
                grouped().position(new PositionSpec.Alibi()).causal(true).build());
        PositionSpec buckets = new PositionSpec.Relative(8, 16, "", false);
        cases.put("relative", Attention.builder(4).position(buckets).build());
        cases.put("relative, causal, grouped", grouped().position(buckets).causal(true).build());
        PositionSpec table = new PositionSpec.RelativeTable(Size2d.of(2), true);
        cases.put("relative in a grid", Attention.builder(4).position(table).build());
        cases.put("relative in a grid, grouped", grouped().position(table).build());
        return cases;
    }

    private static AttentionBuilder grouped() {
        return Attention.builder(4).kvHeads(2);
    }

    static Stream<Arguments> onEachEngine() {
        return Engines.with(CASES.keySet());
    }

    /** Inputs of attention: x, and a memory where it reads one. */
    private static NDList inputs(NDManager manager, Attention attention, DataType type) {
        NDList inputs = new NDList();
        inputs.add(create(manager, 1, type, BATCH, LENGTH, CHANNELS));
        if (attention.memory() > 0) {
            NDArray memory = create(manager, 2, type, BATCH, MEMORY_LENGTH, MEMORY_WIDTH);
            memory.setName(Attention.MEMORY);
            inputs.add(memory);
        }
        return inputs;
    }

    private static NDArray create(NDManager manager, long seed, DataType type, long... dims) {
        Shape shape = new Shape(dims);
        return Tensors.create(manager, Tensors.draw(seed, shape.size()), shape, type);
    }

    private static ModelSpec spec(Attention attention) {
        return Nets.spec(attention, LENGTH, CHANNELS);
    }

    private static double[][] sample(NDArray batch, int n) {
        Shape s = batch.getShape();
        int rows = (int) s.get(1);
        int width = (int) s.get(2);
        double[] all = Tensors.values(batch);
        double[][] sample = new double[rows][];
        for (int t = 0; t < rows; t++) {
            int at = (n * rows + t) * width;
            sample[t] = Arrays.copyOfRange(all, at, at + width);
        }
        return sample;
    }

    private static double[] reference(
            Attention attention, Network network, NDList inputs, boolean[][][] mask) {
        ReferenceAttention reference =
                new ReferenceAttention(attention, Nets.values(network.state()), CHANNELS);
        NDArray memory = inputs.get(attention.memory() > 0 ? 1 : 0);
        double[] all = new double[BATCH * asked(attention) * CHANNELS];
        int at = 0;
        for (int n = 0; n < BATCH; n++) {
            for (double[] row :
                    reference.of(sample(inputs.head(), n), sample(memory, n), mask[n])) {
                System.arraycopy(row, 0, all, at, CHANNELS);
                at += CHANNELS;
            }
        }
        return all;
    }

    private static int asked(Attention attention) {
        return attention.queries() == 0 ? LENGTH : attention.queries();
    }

    private static boolean[][][] open(int keys) {
        boolean[][][] mask = new boolean[BATCH][LENGTH][keys];
        for (boolean[][] sample : mask) {
            for (boolean[] row : sample) {
                Arrays.fill(row, true);
            }
        }
        return mask;
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void agreesWithItsEquations(EngineChoice engine, String name) {
        Attention attention = CASES.get(name);
        Backend backend = Engines.backend(engine);
        try (Network network = Nets.shaken(spec(attention), backend, DataType.FLOAT64);
                NDManager manager = backend.newManager()) {
            NDList inputs = inputs(manager, attention, DataType.FLOAT64);
            NDArray y = network.predict(inputs);
            assertEquals(new Shape(BATCH, asked(attention), CHANNELS), y.getShape());
            assertEquals(new Shape(-1, asked(attention), CHANNELS), network.outputShape());
            int keys = attention.memory() > 0 ? MEMORY_LENGTH : LENGTH;
            double[] expected = reference(attention, network, inputs, open(keys));
            assertClose(expected, Tensors.values(y), 1e-6, name);
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void hidesMaskedKeysAndGivesZerosToWhoSeesNone(EngineChoice engine, String name) {
        Attention attention = CASES.get(name);
        Backend backend = Engines.backend(engine);
        int keys = attention.memory() > 0 ? MEMORY_LENGTH : LENGTH;
        // One sample is open, one is padded in front (no position to see for the first queries of
        // causal attention), one is padding alone.
        boolean[][][] mask = open(keys);
        float[] flags = new float[BATCH * keys];
        for (int n = 0; n < BATCH; n++) {
            for (int k = 0; k < keys; k++) {
                boolean seen = n == 0 || (n == 1 && k >= 2);
                flags[n * keys + k] = seen ? 1 : 0;
                for (int t = 0; t < LENGTH; t++) {
                    mask[n][t][k] = seen;
                }
            }
        }
        try (Network network = Nets.shaken(spec(attention), backend, DataType.FLOAT64);
                NDManager manager = backend.newManager()) {
            NDList inputs = inputs(manager, attention, DataType.FLOAT64);
            NDArray sideInput = manager.create(flags, new Shape(BATCH, keys));
            sideInput.setName(attention.memory() > 0 ? Attention.MEMORY_MASK : Attention.MASK);
            inputs.add(sideInput);
            double[] expected = reference(attention, network, inputs, mask);
            assertClose(expected, Tensors.values(network.predict(inputs)), 1e-6, name);
        }
    }

    @EachEngine
    void takesAMaskForEachPair(EngineChoice engine) {
        Attention attention = grouped().causal(true).build();
        Backend backend = Engines.backend(engine);
        boolean[][][] mask = open(LENGTH);
        long[] flags = new long[BATCH * LENGTH * LENGTH];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = i % 3 == 0 ? 0 : 1;
            mask[i / LENGTH / LENGTH][i / LENGTH % LENGTH][i % LENGTH] = flags[i] == 1;
        }
        try (Network network = Nets.shaken(spec(attention), backend, DataType.FLOAT64);
                NDManager manager = backend.newManager()) {
            NDList inputs = inputs(manager, attention, DataType.FLOAT64);
            NDArray sideInput = manager.create(flags, new Shape(BATCH, LENGTH, LENGTH));
            sideInput.setName(Attention.MASK);
            inputs.add(sideInput);
            double[] expected = reference(attention, network, inputs, mask);
            assertClose(expected, Tensors.values(network.predict(inputs)), 1e-6, "pairs");
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void hasTheGradientsOfFiniteDifferences(EngineChoice engine, String name) {
        Attention attention = CASES.get(name);
        Backend backend = Engines.backend(engine);
        try (Network network = Nets.shaken(spec(attention), backend, DataType.FLOAT64);
                NDManager manager = backend.newManager()) {
            NDList inputs = inputs(manager, attention, DataType.FLOAT64);
            NDArray weights =
                    create(manager, 3, DataType.FLOAT64, BATCH, asked(attention), CHANNELS);
            Map<String, double[]> gradients = Gradients.of(network, inputs, weights);
            gradients.forEach(
                    (path, gradient) -> {
                        assertEquals(IDLE.contains(path), Tensors.largest(gradient) < 1e-9, path);
                        int at = Gradients.steepest(gradient);
                        double slope = Gradients.slope(network, inputs, weights, path, at, 1e-5);
                        assertEquals(
                                slope, gradient[at], 1e-5 * Math.max(1, Math.abs(slope)), path);
                    });
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void comesBackFromAFileTheSame(EngineChoice engine, String name, @TempDir Path folder) {
        Attention attention = CASES.get(name);
        Backend backend = Engines.backend(engine);
        Path file = folder.resolve("a.safetensors");
        try (Network network = Nets.shaken(spec(attention), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            network.save(file);
            NDList inputs = inputs(manager, attention, DataType.FLOAT32);
            double[] before = Tensors.values(network.predict(inputs));
            try (Network loaded = Network.load(file, backend)) {
                assertEquals(network.spec(), loaded.spec());
                assertClose(before, Tensors.values(loaded.predict(inputs)), 0, name);
            }
        }
    }

    // MXNet multiplies no half-precision matrices on the CPU.
    @Test
    void staysFiniteInHalfPrecision() {
        Attention attention = grouped().causal(true).build();
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        try (Network half = Network.create(spec(attention), backend, 1, DataType.FLOAT16);
                Network single = Network.create(spec(attention), backend, 1);
                NDManager manager = backend.newManager()) {
            NDArray x = create(manager, 1, DataType.FLOAT32, BATCH, LENGTH, CHANNELS);
            float[] flags = new float[BATCH * LENGTH];
            Arrays.fill(flags, 0, LENGTH + 2, 1); // the last sample sees nothing
            NDArray mask = manager.create(flags, new Shape(BATCH, LENGTH));
            mask.setName(Attention.MASK);
            double[] expected = Tensors.values(single.predict(new NDList(x, mask)));
            NDArray y = half.predict(new NDList(x.toType(DataType.FLOAT16, true), mask));
            double[] found = Tensors.values(y.toType(DataType.FLOAT32, true));
            assertClose(expected, found, 1e-2, "half precision");
        }
    }

    @EachEngine
    void dropsInTrainingOnly(EngineChoice engine) {
        Attention dropped = Attention.builder(2).weightDropout(0.5).dropout(0.5).build();
        Backend backend = Engines.backend(engine);
        try (Network network = Nets.shaken(spec(dropped), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager();
                var collector = backend.newGradientCollector()) {
            NDArray x = create(manager, 1, DataType.FLOAT32, BATCH, LENGTH, CHANNELS);
            double[] y = Tensors.values(network.forward(new NDList(x), true));
            long zeros = Arrays.stream(y).filter(v -> v == 0).count();
            assertTrue(zeros > y.length / 4 && zeros < 3 * y.length / 4, zeros + " zeros");
        }
    }

    @EachEngine
    void worksForAnyLengthUpToTheOneItWasBuiltFor(EngineChoice engine) {
        Attention attention = grouped().causal(true).build();
        Backend backend = Engines.backend(engine);
        try (Network network = Nets.shaken(spec(attention), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDArray x = create(manager, 1, DataType.FLOAT32, 1, LENGTH, CHANNELS);
            double[] all = Tensors.values(network.predict(new NDList(x)));
            NDArray start = x.get(":, 0:3");
            double[] some = Tensors.values(network.predict(new NDList(start)));
            assertClose(Arrays.copyOf(all, 3 * CHANNELS), some, 1e-6, "causal start");
        }
    }

    @Test
    void costsItsProductsAndItsMatrices() {
        Attention attention = grouped().build();
        Cost cost = Cost.of(spec(attention).newBlock());
        long maps = 8 * (8 + 4 + 4) + 8 * 8;
        assertEquals(maps + (8 + 4 + 4) + 8, cost.parameters());
        assertEquals(LENGTH * maps + 2 * 8 * LENGTH * LENGTH, cost.macs());
        long linear = LENGTH * (16 + 8);
        long folded = LENGTH * 2 * (8 + 4);
        long matrices = 2 * 4 * LENGTH * LENGTH;
        assertEquals(4 * (linear + folded + matrices), cost.activationBytes());
    }

    @Test
    void saysWhatDoesNotFit() {
        ModelSpec odd = spec(Attention.builder(3).build());
        String heads = assertThrows(SpecException.class, odd::newBlock).getMessage();
        assertTrue(heads.contains("3 heads and width 8"), heads);
        AttentionBuilder uneven = Attention.builder(4).kvHeads(3);
        String groups = assertThrows(SpecException.class, uneven::build).getMessage();
        assertTrue(groups.contains("3 kvHeads and 4 heads"), groups);
        AttentionBuilder plain = Attention.builder(4).rotaryFirst(true);
        String norm = assertThrows(SpecException.class, plain::build).getMessage();
        assertTrue(norm.contains("rotaryFirst must be false without queryKeyNorm"), norm);
    }

    @Test
    void slopesOfHeadsAreThePapers() {
        assertClose(
                new double[] {0.25, 0.0625, 1.0 / 64, 1.0 / 256},
                PositionSpec.Alibi.slopes(4),
                1e-12,
                "4 heads");
        // Two of the series of 2, then every second of the series of 4 from its start.
        assertClose(
                new double[] {1.0 / 16, 1.0 / 256, 0.25}, PositionSpec.Alibi.slopes(3), 1e-12, "3");
    }

    /** One position of a cached pass looks like a grid of one, whose angles are wrong. */
    @Test
    void rotaryGridRefusesToContinueASequence() {
        RotaryGrid grid = Defaults.of(RotaryGrid.class);
        assertEquals(4 * 4, grid.angles(8, 0, 4).length);
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> grid.angles(8, 3, 1));
        assertTrue(e.getMessage().contains("from position 3"), e::getMessage);
    }

    @Test
    void scaledFrequenciesReachFurther() {
        int width = 64;
        double[] plain = RotaryScaling.NONE.frequencies(10000, width);
        double[] linear = new RotaryScaling.Linear(4).frequencies(10000, width);
        double[] ntk = new RotaryScaling.Ntk(4).frequencies(10000, width);
        double[] llama = new RotaryScaling.Llama3(8, 1, 4, 8192).frequencies(10000, width);
        assertEquals(1, plain[0]);
        assertEquals(Math.pow(10000, -62.0 / 64), plain[31], 1e-12);
        assertEquals(plain[5] / 4, linear[5], 1e-12);
        assertEquals(1, ntk[0]);
        assertEquals(plain[31] / 4, ntk[31], 1e-9);
        assertEquals(1, llama[0]);
        assertEquals(plain[31] * 8192 / (2 * Math.PI) < 1 ? plain[31] / 8 : llama[31], llama[31]);
        List<Double> falling = Arrays.stream(llama).boxed().toList();
        for (int i = 1; i < falling.size(); i++) {
            assertTrue(falling.get(i) < falling.get(i - 1), falling::toString);
        }
    }
}
