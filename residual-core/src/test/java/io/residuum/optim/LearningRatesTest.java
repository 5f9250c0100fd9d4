package io.residuum.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.nn.Parameter;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.optim.LearningRates.Group;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Tiny;
import io.residuum.train.Trainer;
import io.residuum.train.TrainingException;
import io.residuum.train.TrainingStep;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LearningRatesTest {
    /**
     * Units that hold a residual block in another, or two in a repetition; parameters everywhere
     * between.
     */
    private static final String UNITS =
            """
            {"format": "residuum/1", "name": "units", "input": {"type": "features", "shape": [6]},
             "network": {"type": "sequential", "layers": [
               {"type": "linear", "name": "stem", "units": 4},
               {"type": "residual", "name": "first", "branch": [
                 {"type": "linear", "name": "a", "units": 4},
                 {"type": "residual", "name": "inner", "branch": [{"type": "linear", "units": 4}]}]},
               {"type": "linear", "name": "between", "units": 5},
               {"type": "repeat", "name": "blocks", "times": 2, "layer": {"type": "sequential", "layers": [
                 {"type": "residual", "name": "attention", "branch": [{"type": "linear", "units": 5}]},
                 {"type": "residual", "name": "mlp", "branch": [{"type": "linear", "units": 5}]}]}},
               {"type": "norm", "norm": "layer", "name": "norm"},
               {"type": "linear", "name": "head", "units": 3}]}}
            """;

    private static final int[] LABELS = {0, 2, 1, 2};

    @TempDir private Path folder;

    private static ModelSpec units() {
        return SpecJson.standard().parse(UNITS, "units", ModelSpec.class);
    }

    private static Network network(EngineChoice engine) {
        return Network.create(units(), Tiny.backend(engine), 3);
    }

    @Test
    void depthIsCountedInUnits() {
        try (Network network = network(EngineChoice.MXNET)) {
            List<Group> groups =
                    Recipe.builder().layerDecay(0.5).build().learningRates(network).groups();
            assertEquals(
                    List.of("stem", "first", "blocks.0", "blocks.1", "head"),
                    groups.stream().map(Group::name).toList());
            Map<String, Double> expected = new LinkedHashMap<>();
            for (String path : network.parameters().keySet()) {
                double factor =
                        switch (path.replaceFirst("\\.(weight|bias)$", "")) {
                            case "stem" -> 1.0 / 16;
                            case "first.branch.a", "first.branch.inner.branch.0" -> 1.0 / 8;
                            case "between",
                                    "blocks.0.attention.branch.0",
                                    "blocks.0.mlp.branch.0" ->
                                    1.0 / 4;
                            case "blocks.1.attention.branch.0", "blocks.1.mlp.branch.0" -> 1.0 / 2;
                            case "norm", "head" -> 1.0;
                            default -> throw new AssertionError(path);
                        };
                expected.put(path, factor);
            }
            Map<String, Double> found = new LinkedHashMap<>();
            groups.forEach(g -> found.putAll(g.factors()));
            assertEquals(expected, found);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void aStepMovesEachParameterByItsFactor(EngineChoice engine) {
        Recipe plain = Recipe.builder().optimizer(new OptimizerSpec.Sgd(0, false, 0.1)).build();
        Recipe decayed = discriminative(plain);
        Map<String, float[]> moves = moves(engine, plain);
        Map<String, float[]> decayedMoves = moves(engine, decayed);
        try (Network network = network(engine)) {
            LearningRates rates = decayed.learningRates(network);
            assertEquals(3 * 0.5, rates.factor("blocks.1.mlp.branch.0.bias"));
            assertEquals(10, rates.factor("head.bias"), "the last that matches counts");
            assertEquals(0.0625, rates.factor("stem.weight"));
            moves.forEach(
                    (path, move) -> {
                        float[] scaled = decayedMoves.get(path);
                        double most = 0;
                        for (int i = 0; i < move.length; i++) {
                            assertEquals(rates.factor(path) * move[i], scaled[i], 1e-6, path);
                            most = Math.max(most, Math.abs(move[i]));
                        }
                        assertTrue(most > 1e-4, path + " does not move");
                    });
        }
    }

    /** A first step of Adam moves an entry by the rate, whatever the gradient; decay comes atop. */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void decoupledWeightDecayFollowsTheFactor(EngineChoice engine) {
        Recipe plain =
                Recipe.builder().optimizer(new OptimizerSpec.AdamW(0.9, 0.999, 1e-12, 0.3)).build();
        float[] move = moves(engine, plain).get("stem.weight");
        float[] scaled = moves(engine, discriminative(plain)).get("stem.weight");
        for (int i = 0; i < move.length; i++) {
            assertEquals(0.0625 * move[i], scaled[i], 1e-6);
        }
    }

    private static Recipe discriminative(Recipe recipe) {
        return recipe.with()
                .layerDecay(0.5)
                .rates(
                        List.of(
                                new LearningRateFactor("*.bias", 3),
                                new LearningRateFactor("head.*", 10)))
                .build();
    }

    private static Map<String, float[]> moves(EngineChoice engine, Recipe recipe) {
        SplittableRandom random = new SplittableRandom(1);
        float[] inputs = new float[LABELS.length * 6];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = (float) (2 * random.nextDouble() - 1);
        }
        try (Network network = network(engine)) {
            Map<String, float[]> moves = values(network);
            try (TrainingStep step = new TrainingStep(network, recipe)) {
                step.backward(inputs, LABELS, null, 1);
                step.update(0.1);
                step.poll(0);
            }
            values(network)
                    .forEach(
                            (path, after) -> {
                                float[] move = Objects.requireNonNull(moves.get(path));
                                for (int i = 0; i < move.length; i++) {
                                    move[i] = after[i] - move[i];
                                }
                            });
            return moves;
        }
    }

    private static Map<String, float[]> values(Network network) {
        Map<String, float[]> values = new LinkedHashMap<>();
        for (Map.Entry<String, Parameter> e : network.parameters().entrySet()) {
            values.put(e.getKey(), e.getValue().getArray().toFloatArray());
        }
        return values;
    }

    @Test
    void whatDoesNotFitIsSaidBeforeAnythingIsWritten() {
        try (Network smooth = Network.create(Tiny.smooth(), Tiny.backend(EngineChoice.MXNET), 3);
                Network stripes = stripes();
                Network network = network(EngineChoice.MXNET)) {
            SpecException noUnits =
                    assertThrows(
                            SpecException.class,
                            () -> Recipe.builder().layerDecay(0.9).build().learningRates(smooth));
            assertTrue(
                    noUnits.getMessage().contains("smooth, which has no residual units"),
                    noUnits.getMessage());
            Recipe misspelt =
                    Recipe.builder().rates(List.of(new LearningRateFactor("haed.*", 10))).build();
            SpecException nothing =
                    assertThrows(SpecException.class, () -> misspelt.learningRates(network));
            assertTrue(nothing.getMessage().contains("got \"haed.*\""), nothing.getMessage());
            Path run = folder.resolve("run");
            assertThrows(SpecException.class, () -> trainer(stripes, misspelt, run));
            assertTrue(!run.toFile().exists());
        }
    }

    @Test
    void aResumedRunEndsWhereOneThatWasNotStoppedEnds() {
        Recipe two =
                discriminative(
                        Recipe.builder()
                                .epochs(2)
                                .batch(40)
                                .schedule(new ScheduleSpec.Constant())
                                .build());
        Path run = folder.resolve("stopped");
        try (Network whole = stripes();
                Network stopped = stripes();
                Network resumed = stripes()) {
            trainer(whole, two, folder.resolve("whole")).start();
            trainer(stopped, two.with().epochs(1).build(), run).start();
            assertThrows(
                    TrainingException.class,
                    () -> trainer(resumed, two.with().layerDecay(0.9).build(), run).resume());
            trainer(resumed, two, run).resume();
            Map<String, float[]> expected = values(whole);
            values(resumed).forEach((path, v) -> assertArrayEquals(expected.get(path), v, path));
        }
    }

    private static Network stripes() {
        return Network.create(Tiny.network().withClasses(8), Tiny.backend(EngineChoice.MXNET), 3);
    }

    private static Trainer trainer(Network network, Recipe recipe, Path run) {
        return new Trainer(network, recipe, Tiny.stripes(), run, ProgressListener.NONE);
    }
}
