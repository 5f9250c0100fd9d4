package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.compile.ComputeType;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckpointedTrainingTest {
    private static final int BATCH = 8;
    private static final int SIZE = 16;

    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "net", "input": {"type": "image", "shape": [3, 16, 16]},
             "network": [
               {"type": "conv2d", "name": "stem", "filters": 8, "kernel": 3, "padding": 1},
               %s,
               {"type": "globalAveragePool"},
               {"type": "linear", "name": "head", "units": 4}]}
            """;

    private static final String UNIT =
            """
            {"type": "residual", "name": "%s", "dropPath": {"rate": %s, "mode": "sample"},
             "branch": [
               {"type": "conv2d", "filters": 8, "kernel": 3, "padding": 1, "bias": false},
               {"type": "norm", "norm": "batch"}, {"type": "activation"}, %s
               {"type": "conv2d", "filters": 8, "kernel": 3, "padding": 1, "bias": false}],
             "after": {"norm": "batch", "activation": "relu"}}
            """;

    /** Sums are handed on, in 16 bits. */
    private static final String SUM =
            """
            {"type": "residual", "name": "%s", "dropPath": 0.1, "scale": "learned",
             "before": {"norm": "batch", "activation": "relu"},
             "branch": [{"type": "conv2d", "filters": 8, "kernel": 3, "padding": 1}]}
            """;

    private static Network ofSums(Backend backend) {
        String units = String.join(",", Stream.of("a", "b", "c", "d").map(SUM::formatted).toList());
        ModelSpec spec =
                SpecJson.standard().parse(NETWORK.formatted(units), "net", ModelSpec.class);
        return Network.create(spec, backend, 5);
    }

    private static Network network(Backend backend, double dropPath, String within) {
        String units =
                String.join(
                        ",",
                        Stream.of("a", "b", "c", "d")
                                .map(name -> UNIT.formatted(name, dropPath, within))
                                .toList());
        ModelSpec spec =
                SpecJson.standard().parse(NETWORK.formatted(units), "net", ModelSpec.class);
        return Network.create(spec, backend, 5);
    }

    private static RecipeBuilder recipe(boolean checkpoint) {
        return Recipe.builder()
                .optimizer(new OptimizerSpec.Sgd(0, false, 0))
                .compile(true)
                .recomputeActivations(checkpoint);
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

    private static double[] state(Network network) {
        return network.state().values().stream()
                .map(p -> p.getArray().toFloatArray())
                .flatMapToDouble(v -> IntStream.range(0, v.length).mapToDouble(i -> v[i]))
                .toArray();
    }

    private record Outcome(double[] losses, double[] state) {}

    private static Outcome trained(Recipe recipe, List<String> frozen) {
        return trained(recipe, frozen, network(Engines.backend(EngineChoice.PYTORCH), 0.3, ""));
    }

    private static Outcome trained(Recipe recipe, List<String> frozen, Network made) {
        try (Network network = made) {
            frozen.forEach(network::freeze);
            try (TrainingStep training = new TrainingStep(network, recipe, Assertions::fail)) {
                double[] losses = new double[5];
                for (int i = 0; i < losses.length; i++) {
                    losses[i] = backward(training, i);
                    training.update(0.05);
                }
                return new Outcome(losses, state(network));
            }
        }
    }

    private static void same(Outcome expected, Outcome actual, double tolerance) {
        assertArrayEquals(expected.losses(), actual.losses(), tolerance);
        assertArrayEquals(expected.state(), actual.state(), tolerance, "weights and statistics");
    }

    @Test
    void takesTheSameSteps() {
        same(
                trained(recipe(false).build(), List.of()),
                trained(recipe(true).build(), List.of()),
                1e-5);
    }

    @Test
    void takesTheSameStepsWithSavedStates() {
        same(
                trained(recipe(false).build(), List.of(), ofStates()),
                trained(recipe(true).build(), List.of(), ofStates()),
                1e-5);
    }

    private static Network ofStates() {
        String layers =
                """
                {"type": "stream", "name": "stream", "layers": [
                  {"type": "save", "as": "x"}, %s, %s,
                  {"type": "average", "name": "sum", "of": "x", "init": [1, 0.5]}, %s]}
                """
                        .formatted(SUM.formatted("a"), SUM.formatted("b"), SUM.formatted("c"));
        ModelSpec spec =
                SpecJson.standard().parse(NETWORK.formatted(layers), "net", ModelSpec.class);
        return Network.create(spec, Engines.backend(EngineChoice.PYTORCH), 5);
    }

    @Test
    void takesTheSameStepsWithFrozenParts() {
        for (String pattern : List.of("stem.*", "a.*")) {
            same(
                    trained(recipe(false).build(), List.of(pattern)),
                    trained(recipe(true).build(), List.of(pattern)),
                    1e-5);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT16"})
    void takesTheSameStepsInLowPrecision(ComputeType compute) {
        same(
                trained(recipe(false).compute(compute).build(), List.of()),
                trained(recipe(true).compute(compute).build(), List.of()),
                1e-3);
    }

    /** DJL ends the process at an array of bfloat16. */
    @Test
    void handsOnSumsIn16Bits() {
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        RecipeBuilder whole = recipe(false).compute(ComputeType.BFLOAT16);
        RecipeBuilder parts = recipe(true).compute(ComputeType.BFLOAT16);
        same(
                trained(whole.build(), List.of(), ofSums(backend)),
                trained(parts.build(), List.of(), ofSums(backend)),
                1e-3);
    }

    /** Along the gradient, the loss must fall as the gradient says: only if masks are the same. */
    @Test
    void dropsTheSameElementsAgain() {
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        try (Network network = network(backend, 0, "{\"type\": \"dropout\", \"rate\": 0.5},");
                TrainingStep training =
                        new TrainingStep(network, recipe(true).build(), Assertions::fail)) {
            double rate = 0.02;
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
                assertTrue(fall > 1e-3, "falls by " + fall);
                assertEquals(expected, fall, 0.03 * fall);
            }
        }
    }

    private static double[] weights(Network network) {
        return network.parameters().values().stream()
                .map(p -> p.getArray().toFloatArray())
                .flatMapToDouble(v -> IntStream.range(0, v.length).mapToDouble(i -> v[i]))
                .toArray();
    }

    @Test
    void theSameSeedDropsTheSame() {
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        try (Network network = network(backend, 0, "{\"type\": \"dropout\", \"rate\": 0.5},");
                TrainingStep training =
                        new TrainingStep(network, recipe(true).build(), Assertions::fail)) {
            double[] losses = new double[6];
            for (int i = 0; i < 6; i++) {
                if (i % 3 == 0) {
                    backend.seed(1);
                }
                losses[i] = backward(training, 3);
            }
            assertArrayEquals(Arrays.copyOf(losses, 3), Arrays.copyOfRange(losses, 3, 6), 1e-6);
            assertEquals(3, Arrays.stream(losses, 0, 3).distinct().count(), "drawn anew");
        }
    }

    @Test
    void keepsNoArrays() {
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        try (Network network = network(backend, 0.3, "{\"type\": \"dropout\", \"rate\": 0.5},");
                TrainingStep training =
                        new TrainingStep(network, recipe(true).build(), Assertions::fail)) {
            int early = 0;
            for (int i = 0; i < 8; i++) {
                backward(training, i);
                training.update(0.05);
                if (i == 2) {
                    early = backend.manager().getManagedArrays().size();
                }
            }
            assertEquals(early, backend.manager().getManagedArrays().size());
        }
    }

    @Test
    void programsNeedPyTorch() {
        try (Network network = network(Engines.backend(EngineChoice.MXNET), 0, "")) {
            Recipe recipe = recipe(true).build();
            TrainingException e =
                    assertThrows(TrainingException.class, () -> new TrainingStep(network, recipe));
            assertTrue(e.getMessage().contains("found MXNet"), e.getMessage());
        }
    }
}
