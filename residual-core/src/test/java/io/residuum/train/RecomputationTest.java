package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares training that recomputes units, or inverts them, with training that keeps all. */
class RecomputationTest {
    private static final int BATCH = 4;
    private static final int SIZE = 8;

    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "net", "input": {"type": "image", "shape": [3, 8, 8]},
             "network": [
               {"type": "conv2d", "name": "stem", "filters": 8, "kernel": 3, "padding": 1},
               %s,
               {"type": "globalAveragePool"},
               {"type": "linear", "name": "head", "units": 4}]}
            """;

    private static final String BRANCH =
            """
            "branch": [
               {"type": "norm", "norm": %s}, {"type": "activation"}, %s
               {"type": "conv2d", "filters": %d, "kernel": 3, "padding": 1, "bias": false}]
            """;

    private static final String BATCH_NORM = "\"batch\"";
    private static final String GROUP_NORM = "{\"type\": \"group\", \"groups\": 2}";

    private static String plain(String more, String within) {
        return "{\"type\": \"residual\", %s %s}"
                .formatted(more, BRANCH.formatted(BATCH_NORM, within, 8));
    }

    private static String repeat(int times, boolean tied, String... units) {
        return "{\"type\": \"repeat\", \"times\": %d, \"tied\": %s, \"layer\": [%s]}"
                .formatted(times, tied, String.join(",", units));
    }

    /** A unit that adds its branch of stream 1 - i to stream i. */
    private static String coupling(int i, String norm, String more) {
        return """
        {"type": "residual", "read": {"type": "streams", "streams": 2,
           "weights": {"type": "fixed", "values": [%d, %d]}}, %s
         %s, "merge": {"type": "write",
           "weights": {"type": "fixed", "values": [%d, %d]}}}
        """
                .formatted(i, 1 - i, more, BRANCH.formatted(norm, "", 4), 1 - i, i);
    }

    private static String couplings(int times, String norm, String more) {
        return """
        {"type": "stream", "streams": 2, "expand": "split", "reduce": "concat",
         "layers": [%s]}
        """
                .formatted(repeat(times, false, coupling(0, norm, more), coupling(1, norm, more)));
    }

    private static String momentum(int times) {
        String unit =
                """
                {"type": "residual", "read": {"type": "streams", "streams": 2,
                   "weights": {"type": "fixed", "values": [1, 0]}},
                 %s, "shortcut": {"type": "streams",
                   "weights": {"type": "fixed", "values": [1, 0.9, 0, 0.9]}},
                 "merge": {"type": "write", "weights": {"type": "fixed", "values": [0.1, 0.1]}}}
                """
                        .formatted(BRANCH.formatted(BATCH_NORM, "", 8));
        return """
        {"type": "stream", "streams": 2, "expand": "first", "reduce": "first",
         "layers": [%s]}
        """
                .formatted(repeat(times, false, unit));
    }

    private static String bounded() {
        String conv =
                """
                {"type": "spectralNorm", "layer":
                  {"type": "conv2d", "filters": 8, "kernel": 3, "padding": 1}}
                """;
        return "{\"type\": \"residual\", \"branch\": [%1$s, {\"type\": \"activation\"}, %1$s]}"
                .formatted(conv);
    }

    private static Network network(Backend backend, String layers) {
        ModelSpec spec =
                SpecJson.standard().parse(NETWORK.formatted(layers), "net", ModelSpec.class);
        return Network.create(spec, backend, 5);
    }

    private static Recipe recipe(boolean recomputes) {
        return Recipe.builder()
                .optimizer(new OptimizerSpec.Sgd(0, false, 0))
                .recomputeActivations(recomputes)
                .build();
    }

    private static double backward(TrainingStep training, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] images = new float[BATCH * 3 * SIZE * SIZE];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextDouble(-1, 1);
        }
        training.backward(images, random.ints(BATCH, 0, 4).toArray(), null, 1);
        return Objects.requireNonNull(training.poll(0)).loss();
    }

    private record Outcome(double[] losses, double[] state) {}

    /** Takes steps, some of two passes. */
    private static Outcome trained(Network made, boolean recomputes, List<String> frozen) {
        try (Network network = made) {
            frozen.forEach(network::freeze);
            try (TrainingStep training =
                    new TrainingStep(network, recipe(recomputes), Assertions::fail)) {
                double[] losses = new double[4];
                for (int i = 0; i < losses.length; i++) {
                    losses[i] = backward(training, i);
                    if (i != 1) {
                        training.update(0.05);
                    }
                }
                return new Outcome(losses, values(network));
            }
        }
    }

    private static double[] values(Network network) {
        return network.state().values().stream()
                .map(p -> p.getArray().toFloatArray())
                .flatMapToDouble(v -> IntStream.range(0, v.length).mapToDouble(i -> v[i]))
                .toArray();
    }

    static Stream<Arguments> networks() {
        String plain = repeat(3, false, plain("", ""));
        String between = "{\"type\": \"activation\"}";
        return Stream.of(
                        plain,
                        repeat(3, true, plain("", "")),
                        plain + "," + between + "," + plain,
                        couplings(4, GROUP_NORM, ""),
                        couplings(3, BATCH_NORM, "")
                                + ","
                                + plain
                                + ","
                                + couplings(3, GROUP_NORM, ""),
                        couplings(2, BATCH_NORM, "\"scale\": \"learned\","),
                        momentum(16),
                        repeat(4, false, bounded()))
                .flatMap(layers -> Engines.all().stream().map(e -> Arguments.of(layers, e)));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void takesTheSameSteps(String layers, EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        for (List<String> frozen : List.of(List.<String>of(), List.of("stem.*"))) {
            Outcome kept = trained(network(backend, layers), false, frozen);
            Outcome recomputed = trained(network(backend, layers), true, frozen);
            assertArrayEquals(kept.losses(), recomputed.losses(), 1e-4);
            assertArrayEquals(kept.state(), recomputed.state(), 1e-4, "weights and statistics");
        }
    }

    @ParameterizedTest
    @MethodSource("io.residuum.testing.Engines#all")
    void invertsCouplings(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = network(backend, couplings(3, BATCH_NORM, ""))) {
            assertEquals(6, network.recomputation().units());
            assertEquals(6, network.recomputation().inverted());
        }
        try (Network network = network(backend, repeat(4, false, bounded()))) {
            assertEquals(4, network.recomputation().inverted());
        }
        try (Network network = network(backend, plain("", ""))) {
            assertEquals(1, network.recomputation().units());
            assertEquals(0, network.recomputation().inverted());
        }
    }

    static Stream<Arguments> random() {
        String dropout = "{\"type\": \"dropout\", \"rate\": 0.5},";
        String sample = "\"dropPath\": {\"rate\": 0.5, \"mode\": \"sample\"},";
        String batch = "\"dropPath\": {\"rate\": 0.5, \"mode\": \"batch\"},";
        return Stream.of(
                        repeat(3, false, plain("", dropout)),
                        repeat(3, false, plain(sample, "")),
                        repeat(4, false, plain(batch, "")),
                        couplings(3, GROUP_NORM, sample),
                        couplings(3, GROUP_NORM, batch))
                .flatMap(layers -> Engines.all().stream().map(e -> Arguments.of(layers, e)));
    }

    /** Along the gradient, the loss must fall as the gradient says: only if draws are the same. */
    @ParameterizedTest
    @MethodSource("random")
    void drawsTheSameAgain(String layers, EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = network(backend, layers);
                TrainingStep training = new TrainingStep(network, recipe(true), Assertions::fail)) {
            double rate = 0.005;
            List<double[]> weights = new ArrayList<>(List.of(weights(network)));
            List<Double> losses = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                backend.seed(7);
                losses.add(backward(training, 3));
                training.update(rate);
                weights.add(weights(network));
            }
            for (int i = 0; i < 2; i++) {
                double expected = 0;
                for (int j = 0; j < weights.get(0).length; j++) {
                    double step = weights.get(i)[j] - weights.get(i + 1)[j];
                    double next = weights.get(i + 1)[j] - weights.get(i + 2)[j];
                    expected += step * (step + next) / 2 / rate;
                }
                double fall = losses.get(i) - losses.get(i + 1);
                assertTrue(fall > 1e-4, "falls by " + fall);
                assertEquals(expected, fall, 0.05 * fall);
            }
        }
    }

    private static double[] weights(Network network) {
        return network.parameters().values().stream()
                .map(p -> p.getArray().toFloatArray())
                .flatMapToDouble(v -> IntStream.range(0, v.length).mapToDouble(i -> v[i]))
                .toArray();
    }

    @ParameterizedTest
    @MethodSource("io.residuum.testing.Engines#all")
    void theSameSeedDrawsTheSame(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        String unit = plain("\"dropPath\": 0.3,", "{\"type\": \"dropout\", \"rate\": 0.5},");
        try (Network network = network(backend, unit);
                TrainingStep training = new TrainingStep(network, recipe(true), Assertions::fail)) {
            double[] losses = new double[6];
            for (int i = 0; i < 6; i++) {
                if (i % 3 == 0) {
                    backend.seed(1);
                }
                losses[i] = backward(training, 3);
            }
            assertArrayEquals(Arrays.copyOf(losses, 3), Arrays.copyOfRange(losses, 3, 6), 1e-6);
            assertEquals(3, Arrays.stream(losses, 0, 3).distinct().count(), "other draws");
        }
    }

    @ParameterizedTest
    @MethodSource("io.residuum.testing.Engines#all")
    void refusesNetworksWithoutUnitsInSequence(EngineChoice engine) {
        String states =
                """
                {"type": "stream", "layers": [{"type": "save", "as": "x"}, %s,
                  {"type": "average", "of": "x"}]}
                """
                        .formatted(plain("", ""));
        try (Network network = network(Engines.backend(engine), states)) {
            Recipe recipe = recipe(true);
            TrainingException e =
                    assertThrows(TrainingException.class, () -> new TrainingStep(network, recipe));
            assertTrue(e.getMessage().contains("set compile to true"), e.getMessage());
        }
    }

    @ParameterizedTest
    @MethodSource("io.residuum.testing.Engines#all")
    void keepsNoArrays(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        String layers =
                Stream.of(couplings(2, BATCH_NORM, ""), plain("", ""))
                        .collect(Collectors.joining(","));
        try (Network network = network(backend, layers);
                TrainingStep training = new TrainingStep(network, recipe(true), Assertions::fail)) {
            int early = 0;
            for (int i = 0; i < 6; i++) {
                backward(training, i);
                training.update(0.05);
                if (i == 2) {
                    early = backend.manager().getManagedArrays().size();
                }
            }
            assertEquals(early, backend.manager().getManagedArrays().size());
        }
    }
}
