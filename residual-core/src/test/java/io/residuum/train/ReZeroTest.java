package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A thousand fully connected layers (Bachlechner et al. 2020, arXiv:2003.04887, Section 4). */
class ReZeroTest {
    private static final int SAMPLES = 32;
    private static final int FEATURES = 6;
    private static final int STEPS = 3;

    private static ModelSpec spec(String unit) {
        String json =
                """
                {"format": "residuum/1", "name": "deep", "input": {"type": "features", "shape": [6]},
                 "network": [
                   {"type": "linear", "name": "in", "units": 16},
                   {"type": "repeat", "name": "units", "times": 1000, "layer":
                     {"type": "residual", %s, "branch": [
                       {"type": "linear", "units": 16, "init": "heUniform"}, {"type": "activation"}]}},
                   {"type": "linear", "name": "out", "units": 2}]}
                """
                        .formatted(unit);
        return SpecJson.standard().parse(json, "deep", ModelSpec.class);
    }

    /** The losses of the first and the last step on one batch, whose classes are balanced. */
    private static double[] losses(ModelSpec spec) {
        SplittableRandom random = new SplittableRandom(1);
        float[] inputs = new float[SAMPLES * FEATURES];
        int[] labels = new int[SAMPLES];
        float[] targets = new float[2 * SAMPLES];
        for (int n = 0; n < SAMPLES; n++) {
            labels[n] = n % 2;
            targets[2 * n + labels[n]] = 1;
            for (int i = 0; i < FEATURES; i++) {
                inputs[n * FEATURES + i] = (float) (random.nextDouble() * 2 - 1);
            }
            inputs[n * FEATURES] = labels[n] == 0 ? -1 : 1;
        }
        Recipe recipe =
                Recipe.builder().optimizer(new OptimizerSpec.AdamW(0.9, 0.99, 1e-8, 0)).build();
        double[] losses = new double[STEPS];
        try (Network network = Network.create(spec, Tiny.backend(EngineChoice.PYTORCH), 3);
                TrainingStep step = new TrainingStep(network, recipe)) {
            for (int i = 0; i < STEPS; i++) {
                step.backward(inputs, labels, targets, 1);
                step.update(0.01);
                losses[i] = Objects.requireNonNull(step.poll(0)).loss();
            }
        }
        return new double[] {losses[0], losses[STEPS - 1]};
    }

    @Test
    void trainsAndThePlainNetworkDoesNot() {
        double[] rezero = losses(spec("\"scale\": \"learned\""));
        double[] plain = losses(spec("\"shortcut\": \"none\""));
        assertTrue(rezero[1] < 0.05, "ReZero from " + rezero[0] + " to " + rezero[1]);
        // The loss of one answer for all samples.
        assertTrue(plain[1] > Math.log(2) - 1e-3, "plain from " + plain[0] + " to " + plain[1]);
        assertEquals(Math.log(2), plain[0], 0.05);
    }
}
