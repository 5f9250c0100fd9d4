package io.residuum.train;

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
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares training that recomputes units, or inverts them, with training that keeps all. */
class RecomputationTest {
    private static final DrawnTraining TRAINING = new DrawnTraining(4, 8);

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
            TRAINING.trained(network(backend, layers), recipe(false), frozen)
                    .assertSame(
                            TRAINING.trained(network(backend, layers), recipe(true), frozen), 1e-4);
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

    @ParameterizedTest
    @MethodSource("random")
    void drawsTheSameAgain(String layers, EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = network(backend, layers);
                TrainingStep training = new TrainingStep(network, recipe(true), Assertions::fail)) {
            TRAINING.assertLossFallsAsItsGradientSays(network, training, 0.005, 1e-4, 0.05);
        }
    }

    @ParameterizedTest
    @MethodSource("io.residuum.testing.Engines#all")
    void theSameSeedDrawsTheSame(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        String unit = plain("\"dropPath\": 0.3,", "{\"type\": \"dropout\", \"rate\": 0.5},");
        try (Network network = network(backend, unit);
                TrainingStep training = new TrainingStep(network, recipe(true), Assertions::fail)) {
            TRAINING.assertSeedRepeats(backend, training);
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
            TRAINING.assertKeepsNoArrays(backend, training);
        }
    }
}
