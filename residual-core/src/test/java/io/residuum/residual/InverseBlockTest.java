package io.residuum.residual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class InverseBlockTest {
    private static final String UNIT =
            """
            {"type": "residual",
             "read": {"type": "streams", "streams": 2, "weights": {"type": "fixed", "values": %s}},
             %s,
             "shortcut": {"type": "streams", "weights": {"type": "fixed", "values": %s}},
             "merge": {"type": "write", "weights": {"type": "fixed", "values": %s}}}
            """;

    private static final String TOKENS =
            """
            "before": {"norm": "layer"},
            "branch": [{"type": "linear", "units": 16}, {"type": "activation"},
                       {"type": "linear", "units": 8}],
            "scale": {"type": "byDepth"}
            """;

    private static final String IMAGES =
            """
            "before": {"norm": {"type": "group", "groups": 2}, "activation": "relu"},
            "branch": {"type": "conv2d", "filters": 8, "kernel": 3, "padding": 1},
            "scale": {"type": "byDepth"}
            """;

    private static final String LINEAR = "{\"type\": \"linear\", \"units\": 16}";

    private static final String CONV =
            "{\"type\": \"conv2d\", \"filters\": 16, \"kernel\": 3, \"padding\": 1}";

    private static String couplings(String branch) {
        return UNIT.formatted("[0, 1]", branch, "[1, 0, 0, 1]", "[1, 0]")
                + ","
                + UNIT.formatted("[1, 0]", branch, "[1, 0, 0, 1]", "[0, 1]");
    }

    private static String leapfrog(String branch) {
        return UNIT.formatted("[1, 0]", branch, "[0, -1, 1, 0]", "[0.2, 0]");
    }

    private static String bounded(String layer, String activation) {
        String norm =
                "{\"type\": \"spectralNorm\", \"bound\": 0.5, \"layer\": %s}".formatted(layer);
        return ("{\"type\": \"residual\", \"branch\": [%1$s, {\"type\": \"activation\","
                        + " \"function\": %2$s}, %1$s]}")
                .formatted(norm, activation);
    }

    private static Layer layers(int times, String units, Shape shape) {
        if (!units.contains("streams")) {
            String text =
                    "{\"type\": \"repeat\", \"times\": %d, \"layer\": [%s]}"
                            .formatted(times, units);
            return SpecJson.standard().parse(text, "units", LayerSpec.class).newBlock(shape);
        }
        String text =
                """
                {"type": "stream", "streams": 2, "expand": "split", "reduce": "concat", "layers": [
                  {"type": "repeat", "times": %d, "layer": [%s]}]}
                """
                        .formatted(times, units);
        return SpecJson.standard().parse(text, "units", LayerSpec.class).newBlock(shape);
    }

    static Stream<Arguments> units() {
        Shape tokens = new Shape(-1, 4, 16);
        Shape images = new Shape(-1, 16, 6, 6);
        return Engines.all().stream()
                .flatMap(
                        engine ->
                                Stream.of(
                                        Arguments.of(27, couplings(TOKENS), tokens, engine),
                                        Arguments.of(27, couplings(IMAGES), images, engine),
                                        Arguments.of(54, leapfrog(TOKENS), tokens, engine),
                                        Arguments.of(
                                                54, bounded(LINEAR, "\"elu\""), tokens, engine),
                                        Arguments.of(
                                                20, bounded(LINEAR, "\"gelu\""), tokens, engine),
                                        Arguments.of(
                                                54, bounded(CONV, "\"relu\""), images, engine)));
    }

    @ParameterizedTest
    @MethodSource("units")
    void invertsFiftyFourUnits(int times, String units, Shape shape, EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        Layer layers = layers(times, units, shape);
        Layer inverse = InverseBlock.of(layers);
        try (NDManager manager = backend.newManager()) {
            layers.initialize(manager, DataType.FLOAT32, shape);
            long[] dims = shape.getShape().clone();
            dims[0] = 3;
            double[] given =
                    new SplittableRandom(3)
                            .doubles(new Shape(dims).size())
                            .map(v -> v * 2 - 1)
                            .toArray();
            NDArray x = Values.create(manager, given, new Shape(dims), DataType.FLOAT32);
            NDArray y = run(layers, x);
            NDArray again = run(inverse, y);
            assertTrue(distance(x, y) > 0.1, "the layers change their input");
            assertEquals(0, distance(x, again), 1e-5);
            layers.clear();
        }
    }

    private static NDArray run(Layer layer, NDArray x) {
        ParameterStore store = new ParameterStore(x.getManager(), false);
        return layer.forward(ForwardPass.of(store, new NDList(x), false), x);
    }

    private static double distance(NDArray x, NDArray y) {
        float[] a = x.toFloatArray();
        float[] b = y.toFloatArray();
        double squares = 0;
        double norm = 0;
        for (int i = 0; i < a.length; i++) {
            squares += (a[i] - b[i]) * (double) (a[i] - b[i]);
            norm += a[i] * (double) a[i];
        }
        return Math.sqrt(squares / norm);
    }

    @Test
    void namesLayersWithoutInverse() {
        Shape shape = new Shape(-1, 4, 16);
        String reads = UNIT.formatted("[1, 0]", TOKENS, "[1, 0, 0, 1]", "[1, 0]");
        String singular = UNIT.formatted("[0, 1]", TOKENS, "[1, 1, 1, 1]", "[1, 0]");
        String learned = UNIT.formatted("[0, 1]", TOKENS, "[1, 0, 0, 1]", "[1, 0]");
        for (String unit :
                new String[] {
                    reads,
                    singular,
                    learned.replace("{\"type\": \"fixed\", \"values\": [1, 0]}", "\"learned\""),
                    "{\"type\": \"linear\", \"units\": 16}",
                    // Two norms of 0.5 do not bound a slope of 9.
                    bounded(
                            "{\"type\": \"linear\", \"units\": 16}",
                            "{\"type\": \"leakyRelu\", \"slope\": 9}"),
                    bounded("{\"type\": \"linear\", \"units\": 16}", "\"reluSquared\"")
                }) {
            Layer layers = layers(2, unit, shape);
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> InverseBlock.of(layers));
            assertTrue(
                    e.getMessage().matches(".*r A\\^-1 w = 0.*got (Residual|Linear.*):.*"),
                    e.getMessage());
        }
    }

    @Test
    void invertsSmallMatrices() {
        SmallMatrix matrix = new SmallMatrix(3, new double[] {0, 2, 1, 1, 1, 0, 3, 0, 1});
        assertEquals(-5, matrix.determinant(), 1e-12);
        SmallMatrix inverse = matrix.inverse().orElseThrow();
        double[] vector = {1, -2, 0.5};
        double[] same = matrix.times(inverse.times(vector));
        for (int i = 0; i < 3; i++) {
            assertEquals(vector[i], same[i], 1e-12);
        }
        assertEquals(Optional.empty(), new SmallMatrix(2, new double[] {1, 2, 2, 4}).inverse());
        assertTrue(
                Arrays.equals(
                        new double[] {1, 3, 2, 4},
                        new SmallMatrix(2, new double[] {1, 2, 3, 4}).transposed().values()));
    }
}
