package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.io.Resources;
import io.residuum.ResiduumException;
import io.residuum.compile.ComputeType;
import io.residuum.emit.Quantization;
import io.residuum.engine.EngineChoice;
import io.residuum.graph.FakeQuantize;
import io.residuum.graph.rewrite.LayerQuantization;
import io.residuum.model.Network;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.Sam;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.weights.quantized.QuantizedFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Training with rounded weights and activations, against PyTorch: make_quantization.py. */
class QuantizationAwareTest {
    private static final int STEPS = 3;
    private static final OptimizerSpec MOMENTUM = new OptimizerSpec.Sgd(0.9, false, 0);

    private static final String SPEC =
            """
            {"format": "residuum/1", "name": "net", "input": {"type": "image", "shape": [2, 4, 4]},
             "network": [
               {"type": "conv2d", "name": "a", "filters": 6, "kernel": 3, "padding": 1, "bias": false},
               {"type": "norm", "name": "norm"}, {"type": "activation"},
               {"type": "residual", "name": "unit", "after": {"activation": "relu"}, "branch": [
                 {"type": "conv2d", "name": "b", "filters": 6, "kernel": 1}]},
               {"type": "conv2d", "name": "c", "filters": 12, "kernel": 1},
               {"type": "globalAveragePool"},
               {"type": "linear", "name": "hidden", "units": 10},
               {"type": "activation", "function": "tanh"},
               {"type": "linear", "name": "head", "units": 3}]}
            """;

    /** No value lies between two levels, where engines round to different sides. */
    private static final Map<String, LayerQuantization> RANGES =
            Map.of(
                    "a.weight", range(0.012f, 130, 0.002f, 0),
                    "unit.branch.b.weight", range(0.002f, 0, 0.004f, 120),
                    "c.weight", range(0.0043f, 20, 0.005f, 128),
                    "hidden.weight", new LayerQuantization(new FakeQuantize(0.003137f, 125), null));

    @TempDir private Path folder;

    private static LayerQuantization range(float input, int zero, float output, int outputZero) {
        return new LayerQuantization(
                new FakeQuantize(input, zero), new FakeQuantize(output, outputZero));
    }

    private static ModelSpec spec() {
        return SpecJson.standard().parse(SPEC, "net", ModelSpec.class);
    }

    private String saved(Quantization quantization) {
        Path file = folder.resolve("quantized.safetensors");
        try (Network network = Network.create(spec(), Tiny.backend(EngineChoice.MXNET), 3)) {
            network.setMetadata(network.metadata().with(quantization));
            network.save(file);
        }
        return file.toString();
    }

    private static Quantization quantization(int bits, int group, boolean activations) {
        Map<String, LayerQuantization> weights = new TreeMap<>();
        weights.put("hidden.weight", LayerQuantization.WEIGHT);
        weights.put("head.weight", LayerQuantization.WEIGHT);
        return new Quantization(
                new QuantizedFormat(bits, group), activations ? RANGES : weights, false);
    }

    static Stream<Arguments> cases() {
        return Stream.of(EngineChoice.MXNET, EngineChoice.PYTORCH)
                .flatMap(
                        engine ->
                                Stream.of(
                                                "true, 8 0 activations",
                                                "true, 8 0 weights",
                                                "true, 4 0 weights",
                                                "true, 4 5 weights",
                                                "false, 8 0 weights",
                                                "false, 4 5 weights")
                                        .map(line -> line.split(", "))
                                        .map(
                                                c ->
                                                        Arguments.of(
                                                                engine,
                                                                Boolean.parseBoolean(c[0]),
                                                                c[1])));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void updatesAsPyTorch(EngineChoice engine, boolean compile, String name) throws IOException {
        String[] settings = name.split(" ");
        Quantization quantization =
                quantization(
                        Integer.parseInt(settings[0]),
                        Integer.parseInt(settings[1]),
                        settings[2].equals("activations"));
        Recipe recipe = Recipe.builder().optimizer(MOMENTUM).compile(compile).build();
        Map<String, float[]> found =
                trained(engine, recipe.withQuantization(saved(quantization)), 1);
        Map<String, float[]> inFloat = trained(engine, recipe, 1);
        int compared = 0;
        double most = 0;
        for (String line :
                Resources.readLines(
                        Resources.getResource(QuantizationAwareTest.class, "quantization.tsv"),
                        StandardCharsets.UTF_8)) {
            String[] row = line.split("\t");
            if (row[0].equals(name)) {
                float[] wanted = floats(row[2]);
                float[] values = Objects.requireNonNull(found.get(row[1]), row[1]);
                assertArrayEquals(wanted, values, 1e-5f, row[1]);
                float[] other = Objects.requireNonNull(inFloat.get(row[1]));
                for (int i = 0; i < wanted.length; i++) {
                    most = Math.max(most, Math.abs(wanted[i] - other[i]));
                }
                compared++;
            }
        }
        assertEquals(11, compared);
        assertTrue(
                most > (name.endsWith("weights") ? 5e-4 : 0.02),
                "training in float differs by only " + most);
    }

    /** Weights of four bits have clipped values, whose gradients must be zero in each pass. */
    @EachEngine
    void passesOfAnUpdateRoundAlike(EngineChoice engine) {
        for (boolean activations : List.of(false, true)) {
            String model = saved(quantization(activations ? 8 : 4, 0, activations));
            Recipe recipe =
                    Recipe.builder()
                            .optimizer(MOMENTUM)
                            .compile(activations)
                            .quantization(model)
                            .build();
            Map<String, float[]> plain = trained(engine, recipe, 1);
            assertSame(plain, trained(engine, recipe.withAccumulate(2), 2));
            assertSame(plain, trained(engine, recipe.withSam(Sam.of(1e-7)), 1));
        }
    }

    @Test
    void recomputedActivationsAreRounded() {
        Recipe recipe =
                Recipe.builder()
                        .compile(true)
                        .quantization(saved(quantization(8, 0, true)))
                        .build();
        assertSame(
                trained(EngineChoice.PYTORCH, recipe, 1),
                trained(EngineChoice.PYTORCH, recipe.withRecomputeActivations(true), 1));
    }

    private static void assertSame(Map<String, float[]> wanted, Map<String, float[]> found) {
        wanted.forEach((path, values) -> assertArrayEquals(values, found.get(path), 2e-4f, path));
    }

    @ParameterizedTest
    @CsvSource({
        "8, false, FLOAT32, compile false",
        "8, true, BFLOAT16, compute bfloat16",
        "0, true, FLOAT32, found one in float",
        "1, true, FLOAT32, one with dynamic activations"
    })
    void saysWhatItNeeds(int bits, boolean compile, ComputeType compute, String message) {
        Quantization quantization =
                switch (bits) {
                    case 0 -> Quantization.NONE;
                    case 1 -> new Quantization(QuantizedFormat.PER_OUTPUT, RANGES, true);
                    default -> quantization(bits, 0, true);
                };
        Recipe recipe =
                Recipe.builder()
                        .compile(compile)
                        .compute(compute)
                        .quantization(saved(quantization))
                        .build();
        assertProblem(spec(), recipe, message);
    }

    @Test
    void theModelHasTheSameLayers() {
        Recipe recipe =
                Recipe.builder()
                        .compile(true)
                        .quantization(saved(quantization(8, 0, true)))
                        .build();
        assertProblem(
                Tiny.network(),
                recipe,
                "must have the quantized layers of "
                        + recipe.quantization()
                        + ", found none for [a.weight, c.weight");
    }

    private static void assertProblem(ModelSpec spec, Recipe recipe, String message) {
        try (Network network = Network.create(spec, Tiny.backend(EngineChoice.PYTORCH), 3)) {
            ResiduumException e =
                    assertThrows(
                            ResiduumException.class,
                            () -> new TrainingStep(network, recipe).close());
            assertTrue(e.getMessage().contains(message), e.getMessage());
        }
    }

    private static float[] floats(String text) {
        String[] words = text.split(" ");
        float[] values = new float[words.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.parseFloat(words[i]);
        }
        return values;
    }

    /** Returns the values of each parameter after each update, by path. */
    private static Map<String, float[]> trained(EngineChoice engine, Recipe recipe, int passes) {
        Map<String, float[]> found = new LinkedHashMap<>();
        try (Network network = Network.create(spec(), Tiny.backend(engine), 3)) {
            Tiny.loadSines(network);
            try (TrainingStep step = new TrainingStep(network, recipe, Assertions::fail)) {
                for (int t = 0; t < STEPS; t++) {
                    float[] x = new float[160];
                    for (int i = 0; i < x.length; i++) {
                        x[i] = (float) (1.6 * Math.cos(0.9 * i + 0.5 * t));
                    }
                    int now = t;
                    int[] labels = IntStream.range(0, 5).map(i -> (i + now) % 3).toArray();
                    for (int pass = 0; pass < passes; pass++) {
                        step.backward(x, labels, null, passes);
                    }
                    step.update(0.5);
                    while (step.poll(0) != null) {
                        // read all
                    }
                    network.parameters()
                            .forEach(
                                    (path, p) ->
                                            found.merge(
                                                    path,
                                                    p.getArray().toFloatArray(),
                                                    QuantizationAwareTest::joined));
                }
            }
        }
        return found;
    }

    private static float[] joined(float[] before, float[] values) {
        float[] both = Arrays.copyOf(before, before.length + values.length);
        System.arraycopy(values, 0, both, before.length, values.length);
        return both;
    }
}
