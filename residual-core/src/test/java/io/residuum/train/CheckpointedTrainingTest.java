package io.residuum.train;

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
import io.residuum.train.DrawnTraining.Outcome;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckpointedTrainingTest {
    private static final DrawnTraining TRAINING = new DrawnTraining(8, 16);

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

    private static Outcome trained(Recipe recipe, List<String> frozen) {
        return TRAINING.trained(
                network(Engines.backend(EngineChoice.PYTORCH), 0.3, ""), recipe, frozen);
    }

    private static Outcome trained(Recipe recipe, Network made) {
        return TRAINING.trained(made, recipe, List.of());
    }

    @Test
    void takesTheSameSteps() {
        trained(recipe(false).build(), List.of())
                .assertSame(trained(recipe(true).build(), List.of()), 1e-5);
    }

    @Test
    void takesTheSameStepsWithSavedStates() {
        trained(recipe(false).build(), ofStates())
                .assertSame(trained(recipe(true).build(), ofStates()), 1e-5);
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
            trained(recipe(false).build(), List.of(pattern))
                    .assertSame(trained(recipe(true).build(), List.of(pattern)), 1e-5);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT16"})
    void takesTheSameStepsInLowPrecision(ComputeType compute) {
        trained(recipe(false).compute(compute).build(), List.of())
                .assertSame(trained(recipe(true).compute(compute).build(), List.of()), 1e-3);
    }

    /** DJL ends the process at an array of bfloat16. */
    @Test
    void handsOnSumsIn16Bits() {
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        RecipeBuilder whole = recipe(false).compute(ComputeType.BFLOAT16);
        RecipeBuilder parts = recipe(true).compute(ComputeType.BFLOAT16);
        trained(whole.build(), ofSums(backend))
                .assertSame(trained(parts.build(), ofSums(backend)), 1e-3);
    }

    @Test
    void dropsTheSameElementsAgain() {
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        try (Network network = network(backend, 0, "{\"type\": \"dropout\", \"rate\": 0.5},");
                TrainingStep training =
                        new TrainingStep(network, recipe(true).build(), Assertions::fail)) {
            TRAINING.assertLossFallsAsItsGradientSays(network, training, 0.02, 1e-3, 0.03);
        }
    }

    @Test
    void theSameSeedDropsTheSame() {
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        try (Network network = network(backend, 0, "{\"type\": \"dropout\", \"rate\": 0.5},");
                TrainingStep training =
                        new TrainingStep(network, recipe(true).build(), Assertions::fail)) {
            TRAINING.assertSeedRepeats(backend, training);
        }
    }

    @Test
    void keepsNoArrays() {
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        try (Network network = network(backend, 0.3, "{\"type\": \"dropout\", \"rate\": 0.5},");
                TrainingStep training =
                        new TrainingStep(network, recipe(true).build(), Assertions::fail)) {
            TRAINING.assertKeepsNoArrays(backend, training);
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
