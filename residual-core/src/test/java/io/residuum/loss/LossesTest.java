package io.residuum.loss;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Ops;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Losses against the numbers that make_pytorch.py beside pytorch.tsv has computed, and
 * make_sentences.py beside sentences.tsv with sentence-transformers.
 */
class LossesTest {
    private static final double TOLERANCE = 1e-5;
    private static final SpecJson JSON = SpecJson.standard();

    private record Case(
            String loss, Shape output, @Nullable Target target, double mean, double[] gradient) {
        static Case of(String line) {
            String[] parts = line.split("\t");
            long[] dims = Arrays.stream(numbers(parts[1])).mapToLong(n -> (long) n).toArray();
            Shape shape = new Shape(dims);
            return new Case(
                    parts[0],
                    shape,
                    target(parts[2], parts[3], shape),
                    Double.parseDouble(parts[4]),
                    numbers(parts[5]));
        }

        private static @Nullable Target target(String kind, String values, Shape shape) {
            return switch (kind) {
                case "labels" ->
                        new Target.Classes(
                                Arrays.stream(values.split(","))
                                        .mapToInt(Integer::parseInt)
                                        .toArray());
                case "numbers" -> {
                    float[] found = floats(numbers(values));
                    yield new Target.Numbers(
                            found, found.length == shape.size() ? shape : new Shape(found.length));
                }
                default -> null;
            };
        }

        private static double[] numbers(String text) {
            return Arrays.stream(text.replace("nan", "NaN").split(","))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
        }

        double[] values() {
            return IntStream.range(0, Math.toIntExact(output.size()))
                    .mapToDouble(i -> (float) (2 * Math.sin(0.9 * i + 0.5)))
                    .toArray();
        }

        LossSpec spec() {
            return JSON.parse(loss, "case", LossSpec.class);
        }

        @Override
        public String toString() {
            return loss + " " + output;
        }
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        IntStream.range(0, values.length).forEach(i -> floats[i] = (float) values[i]);
        return floats;
    }

    static Stream<Arguments> cases() throws IOException {
        List<Case> cases = new ArrayList<>(cases("pytorch.tsv"));
        assertTrue(cases.size() > 30, "cases: " + cases.size());
        cases.addAll(cases("sentences.tsv"));
        return Engines.with(cases);
    }

    private static List<Case> cases(String file) throws IOException {
        try (InputStream in = LossesTest.class.getResourceAsStream(file)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().map(Case::of).toList();
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("cases")
    void computesWhatPyTorchComputes(EngineChoice engine, Case c) {
        Backend backend = Engines.backend(engine);
        try (NDManager manager = backend.newManager()) {
            NDArray output = Tensors.create(manager, c.values(), c.output(), DataType.FLOAT32);
            output.setRequiresGradient(true);
            Loss loss = c.spec().of(c.target(), c.output(), DataType.FLOAT32);
            NDArray mean;
            try (GradientCollector collector = backend.newGradientCollector()) {
                mean = Ops.of(manager).mul(loss.sum(output), 1 / loss.count());
                collector.backward(mean);
            }
            assertEquals(new Shape(1), mean.getShape());
            assertEquals(c.mean(), mean.toFloatArray()[0], TOLERANCE * Math.max(1, c.mean()));
            assertClose(c.gradient(), Tensors.values(output.getGradient()), TOLERANCE, "gradient");
        }
    }

    /** The gradients of make_pytorch.py, too, agree with differences of the losses here. */
    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("cases")
    void finiteDifferencesAreItsGradient(EngineChoice engine, Case c) {
        double h = 1e-6;
        double[] x = c.values();
        double[] above = new double[x.length];
        double[] below = new double[x.length];
        double expected = 0;
        for (int i = 0; i < x.length; i++) {
            double direction = Math.cos(3.7 * i);
            above[i] = x[i] + h * direction;
            below[i] = x[i] - h * direction;
            expected += c.gradient()[i] * direction;
        }
        double found = (mean(engine, c, above) - mean(engine, c, below)) / (2 * h);
        assertEquals(expected, found, TOLERANCE);
    }

    private static double mean(EngineChoice engine, Case c, double[] values) {
        try (NDManager manager = Engines.backend(engine).newManager()) {
            Loss loss = c.spec().of(c.target(), c.output(), DataType.FLOAT64);
            NDArray output = Tensors.create(manager, values, c.output(), DataType.FLOAT64);
            return loss.sum(output).toDoubleArray()[0] / loss.count();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void jsonGivesTheSameLossAgain(EngineChoice engine, Case c) {
        assertEquals(c.spec(), JSON.parse(JSON.writeAll(c.spec()), "again", LossSpec.class));
    }

    @EachEngine
    void aFunctionIsALoss(EngineChoice engine) {
        LossSpec pinball =
                LossSpec.of(
                        "pinball",
                        1,
                        (y, t) -> {
                            Ops ops = Ops.of(y.getManager());
                            NDArray error = t.sub(y);
                            return ops.mul(error, 0.9).maximum(ops.mul(error, -0.1));
                        });
        float nan = Float.NaN;
        Target target = new Target.Numbers(new float[] {1, nan, 0, 2}, new Shape(2, 2));
        assertEquals((0.9 + 0.2 + 1.8) / 3, computed(engine, pinball, target, 0, 5, 2, 0), 1e-6);

        LossSpec largest = LossSpec.of("largest", 1, (y, t) -> y.sub(t).abs().max(new int[] {1}));
        Target whole = new Target.Numbers(new float[] {1, 2, 0, 2}, new Shape(2, 2));
        assertEquals((3 + 2) / 2.0, computed(engine, largest, whole, 0, 5, 2, 2), 1e-6);
        LossException e =
                assertThrows(
                        LossException.class, () -> computed(engine, largest, target, 0, 5, 2, 0));
        assertTrue(e.getMessage().contains("fill in the missing targets"), e.getMessage());
    }

    private static double computed(
            EngineChoice engine, LossSpec spec, Target target, double... output) {
        try (NDManager manager = Engines.backend(engine).newManager()) {
            Shape shape = new Shape(2, output.length / 2);
            Loss loss = spec.of(target, shape, DataType.FLOAT32);
            NDArray y = Tensors.create(manager, output, shape, DataType.FLOAT32);
            return loss.sum(y).toFloatArray()[0] / loss.count();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\": \"mse\"}          | labels  | needs numbers as targets, got classes",
                "{\"type\": \"kl\"}           | labels  | needs probabilities as targets, got"
                        + " classes",
                "{\"type\": \"kl\"}           | numbers | sum to 1",
                "{\"type\": \"crossEntropy\"} | none    | got none",
                "{\"type\": \"crossEntropy\", \"classWeights\": [1, 2]} | labels | one weight for"
                        + " each of the 3 classes, got 2",
                "{\"type\": \"binaryCrossEntropy\"} | numbers | in [0, 1], got 5.0",
                "{\"type\": \"binaryCrossEntropy\", \"posWeights\": [1, 2]} | bits | one weight for"
                        + " each of the 3 classes",
                "{\"type\": \"triplet\"}      | none    | (N, 3, D)",
                "{\"type\": \"infoNce\"}      | none    | (N, V, D)",
                "{\"type\": \"cosineSimilarity\"} | none | (N, 2, D)",
                "{\"type\": \"grouped\", \"size\": 2, \"loss\": {\"type\": \"triplet\"}} | none |"
                        + " (N, 3, D)",
                "{\"type\": \"grouped\", \"size\": 4, \"loss\": {\"type\": \"infoNce\"}} | none |"
                        + " multiple of 4 rows",
                "{\"type\": \"dice\"}         | bits    | (N, C, H, W)",
                "{\"type\": \"java\", \"name\": \"mine\"} | bits | JSON only names it",
                "{\"type\": \"layer\", \"layer\": \"relu\"} | bits | read one value",
                "{\"type\": \"layer\", \"layer\": {\"type\": \"graph\", \"inputs\": [\"y\", \"t\"],"
                        + " \"layers\": [{\"type\": \"add\", \"from\": [\"y\", \"t\"]}, {\"type\":"
                        + " \"linear\", \"units\": 1}]}} | bits | no parameters"
            })
    void whatDoesNotFitIsNamed(String json, String kind, String part) {
        Shape shape = new Shape(2, 3);
        Target target =
                switch (kind) {
                    case "labels" -> new Target.Classes(new int[] {0, 2});
                    case "numbers" -> new Target.Numbers(new float[] {0, 1, 0, 5, 1, 0}, shape);
                    case "bits" -> new Target.Numbers(new float[] {0, 1, 0, 1, 1, 0}, shape);
                    default -> null;
                };
        String text = json.replace("\"relu\"", "{\"type\": \"activation\"}");
        LossSpec spec = JSON.parse(text, "test", LossSpec.class);
        LossException e =
                assertThrows(LossException.class, () -> spec.of(target, shape, DataType.FLOAT32));
        assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        for (String json :
                List.of(
                        "{\"type\": \"mse\", \"weight\": -1}",
                        "{\"type\": \"huber\", \"delta\": 0}",
                        "{\"type\": \"kl\", \"temperature\": 0}",
                        "{\"type\": \"crossEntropy\", \"classWeights\": [1, -1]}",
                        "{\"type\": \"triplet\", \"margin\": -1}",
                        "{\"type\": \"dice\", \"smooth\": 0}",
                        "{\"type\": \"grouped\", \"size\": 0, \"loss\": {\"type\": \"mse\"}}",
                        "{\"type\": \"grouped\", \"size\": 2, \"loss\": {\"type\": \"grouped\","
                                + " \"size\": 2, \"loss\": {\"type\": \"mse\"}}}")) {
            assertThrows(SpecException.class, () -> JSON.parse(json, "test", LossSpec.class), json);
        }
    }
}
