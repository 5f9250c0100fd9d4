package io.residuum.transformer.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.train.BatchSource;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingBatch;
import io.residuum.train.TrainingStep;
import io.residuum.transformer.text.TextSplits;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A language model that computes activations again trains as one that keeps them. */
class CheckpointedGptTest {
    private static final TextSplits KEYS = Small.keys();

    private static double[] losses(double dropout, boolean checkpoint, int steps) {
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        Recipe recipe =
                Small.recipe()
                        .stepsPerEpoch(steps)
                        .compile(true)
                        .recomputeActivations(checkpoint)
                        .build();
        ModelSpec spec = Small.gpt(KEYS.tokenizer().vocabulary(), dropout);
        return losses(spec, recipe, backend, steps);
    }

    private static double[] losses(ModelSpec spec, Recipe recipe, Backend backend, int steps) {
        double[] losses = new double[steps];
        try (Network network = Network.create(spec, backend, 3);
                TrainingStep step = new TrainingStep(network, recipe, Assertions::fail);
                BatchSource source = LanguageModeling.on(KEYS, spec).trainingBatches(spec, recipe);
                BatchSource.Epoch epoch = source.epoch(1)) {
            backend.seed(11);
            for (int i = 0; i < steps; i++) {
                try (TrainingBatch batch = epoch.next()) {
                    step.backward(batch, 1);
                }
                step.update(3e-3);
                losses[i] = Objects.requireNonNull(step.poll(0)).loss();
            }
        }
        return losses;
    }

    @Test
    void takesTheSameSteps() {
        assertArrayEquals(losses(0, false, 12), losses(0, true, 12), 1e-4);
    }

    /** Other elements are dropped, but as many, and the same in both passes. */
    @Test
    void learnsAlikeWithDropout() {
        double[] whole = losses(0.1, false, 60);
        double[] cut = losses(0.1, true, 60);
        assertTrue(end(cut) < cut[0] / 4, "it learns: " + cut[0] + " to " + end(cut));
        assertEquals(end(whole), end(cut), 0.1);
        assertArrayEquals(cut, losses(0.1, true, 60), 1e-4, "repeatable");
    }

    /** Embedding and head share a matrix, whose gradients come from two backward passes. */
    @ParameterizedTest
    @MethodSource("io.residuum.testing.Engines#all")
    void takesTheSameStepsByUnits(EngineChoice engine) {
        for (String wiring : List.of("\"plain\"", "\"reversible\"")) {
            assertArrayEquals(
                    byUnits(engine, wiring, false), byUnits(engine, wiring, true), 1e-4, wiring);
        }
    }

    private static double[] byUnits(EngineChoice engine, String wiring, boolean recomputes) {
        String text =
                """
                {"format": "residuum/1", "name": "small",
                 "input": {"type": "tokens", "length": 8, "vocabulary": %1$d},
                 "network": {"type": "gpt", "vocabulary": %1$d, "width": 16, "depth": 3, "heads": 2,
                   "dropout": 0, "stream": %2$s}}
                """
                        .formatted(KEYS.tokenizer().vocabulary(), wiring);
        ModelSpec spec = SpecJson.standard().parse(text, "small", ModelSpec.class);
        Recipe recipe = Small.recipe().stepsPerEpoch(6).recomputeActivations(recomputes).build();
        return losses(spec, recipe, Engines.backend(engine), 6);
    }

    private static double end(double[] losses) {
        return Arrays.stream(losses, losses.length - 10, losses.length).average().orElseThrow();
    }
}
