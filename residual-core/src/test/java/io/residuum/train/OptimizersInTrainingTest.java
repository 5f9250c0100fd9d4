package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of the optimizers and of adaptive clipping, with checkpoints. */
class OptimizersInTrainingTest {
    private static final ModelSpec SPEC = Tiny.network().withClasses(8);
    private static final String ADAPTIVE =
            "'optimizer': {'type': 'sgd', 'momentum': 0, 'weightDecay': 0}, 'adaptiveClip': ";

    @TempDir private Path temp;

    private static Recipe recipe(int epochs, String settings) {
        String json =
                "{'epochs': %d, 'batch': 32, 'learningRate': 0.01, 'schedule': 'constant', %s}"
                        .formatted(epochs, settings);
        return SpecJson.standard().parse(json.replace('\'', '"'), "recipe", Recipe.class);
    }

    private Map<String, float[]> train(Recipe recipe, String folder) {
        try (Network network = Network.create(SPEC, Tiny.backend(EngineChoice.PYTORCH), 7)) {
            new Trainer(
                            network,
                            recipe,
                            Tiny.stripes(),
                            temp.resolve(folder),
                            ProgressListener.NONE)
                    .startOrResume();
            return values(network);
        }
    }

    private static Map<String, float[]> values(Network network) {
        Map<String, float[]> values = new TreeMap<>();
        network.state().forEach((path, p) -> values.put(path, p.getArray().toFloatArray()));
        return values;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'optimizer': 'lion'",
                "'optimizer': {'type': 'scheduleFreeAdamW', 'weightDecay': 0.1}",
                "'sam': 0.05, 'compile': true",
                "'sam': {'rho': 0.5, 'adaptive': true}, 'optimizer': 'adamw', 'ema': 0.9",
                "'optimizer': 'lamb'",
                "'optimizer': 'nadam'",
                "'optimizer': {'type': 'rmsprop', 'centered': true, 'momentum': 0.9}",
                "'optimizer': {'type': 'muon', 'adamw': ['head.*']}",
                ADAPTIVE + "{'factor': 0.05, 'exclude': ['head.*']}"
            })
    void resumesFromItsCheckpoint(String settings) {
        train(recipe(1, settings), "resumed");
        Map<String, float[]> resumed = train(recipe(2, settings), "resumed");
        Map<String, float[]> whole = train(recipe(2, settings), "whole");
        assertEquals(whole.keySet(), resumed.keySet());
        whole.forEach((path, w) -> assertArrayEquals(w, resumed.get(path), 0, path));
    }

    @Test
    void adaptiveClippingBoundsAllButTheExcluded() {
        Map<String, float[]> before;
        try (Network network = Network.create(SPEC, Tiny.backend(EngineChoice.PYTORCH), 7)) {
            before = values(network);
        }
        String almostNone = ADAPTIVE + "{'factor': 1e-6, 'exclude': ['head.*']}";
        Map<String, float[]> after = train(recipe(1, almostNone), "clipped");
        assertArrayEquals(before.get("stem.weight"), after.get("stem.weight"), 1e-6f);
        assertThrows(
                AssertionError.class,
                () ->
                        assertArrayEquals(
                                before.get("head.weight"), after.get("head.weight"), 1e-3f));
    }

    @Test
    void evaluatesAndSavesTheAverages() {
        Recipe recipe = recipe(2, "'optimizer': 'scheduleFreeAdamW'");
        Map<String, float[]> trained = train(recipe, "averaged");
        Map<String, float[]> saved;
        try (Network network =
                Network.load(
                        new RunFolder(temp.resolve("averaged")).model(),
                        Tiny.backend(EngineChoice.PYTORCH))) {
            saved = values(network);
        }
        float[] y = Objects.requireNonNull(trained.get("stem.weight"));
        float[] x = Objects.requireNonNull(saved.get("stem.weight"));
        double distance = 0;
        for (int i = 0; i < y.length; i++) {
            distance = Math.max(distance, Math.abs(y[i] - x[i]));
        }
        assertTrue(distance > 1e-4, "the best epoch is saved as its average");
    }

    @Test
    void refusesTwoAverages() {
        Recipe both = recipe(1, "'optimizer': 'scheduleFreeAdamW', 'ema': 0.9");
        TrainingException e = assertThrows(TrainingException.class, () -> train(both, "both"));
        assertTrue(String.valueOf(e.getMessage()).contains("ema must be left out"), e.toString());
    }

    @Test
    void wrongPatternFailsBeforeTheFirstUpdate() {
        Recipe wrong = recipe(1, ADAPTIVE + "{'exclude': ['heads.*']}");
        SpecException e = assertThrows(SpecException.class, () -> train(wrong, "wrong"));
        assertTrue(e.getMessage().contains("heads.*"), e.getMessage());
        assertFalse(Files.exists(new RunFolder(temp.resolve("wrong")).checkpoint()));
    }
}
