package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import io.residuum.compile.ComputeType;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.callback.CallbackState;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LossScaleTest {
    private static final float[] INPUTS = {.5f, -1, .25f, 1, .75f, -.5f};
    private static final int[] LABELS = {0, 2};

    /** A sample that is put into a wrong class without doubt: its gradient of the logits is 1. */
    private static final float[] LARGE = {1600, -1600, 1600};

    private static final int[] WRONG = {1};

    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "net", "input": {"type": "features", "shape": [3]},
             "network": [
               {"type": "linear", "name": "in", "units": 4},
               {"type": "activation", "function": "relu"},
               {"type": "linear", "name": "out", "units": 3}]}
            """;

    private static Recipe recipe(ComputeType compute, int accumulate) {
        return Recipe.builder()
                .optimizer(new OptimizerSpec.AdamW(0.9, 0.999, 1e-8, 0.05))
                .accumulate(accumulate)
                .compile(true)
                .compute(compute)
                .build();
    }

    private static Recipe plain(ComputeType compute) {
        return recipe(compute, 1).with().optimizer(new OptimizerSpec.Sgd(0, false, 0)).build();
    }

    private static double[] trained(Recipe recipe, Consumer<TrainingStep> steps) {
        try (Network network = network();
                TrainingStep step = new TrainingStep(network, recipe, Assertions::fail)) {
            steps.accept(step);
            return values(network);
        }
    }

    private static Network network() {
        ModelSpec spec = SpecJson.standard().parse(NETWORK, "net", ModelSpec.class);
        return Network.create(spec, Tiny.backend(EngineChoice.PYTORCH), 3);
    }

    private static double[] values(Network network) {
        return network.parameters().values().stream()
                .map(p -> p.getArray().toFloatArray())
                .flatMapToDouble(v -> IntStream.range(0, v.length).mapToDouble(i -> v[i]))
                .toArray();
    }

    private static NDArray state(TrainingStep step) {
        return Objects.requireNonNull(step.state().get("lossScale"));
    }

    private static void resumeWith(TrainingStep step, float factor, float finiteUpdates) {
        state(step).set(new float[] {factor, finiteUpdates});
        step.resumeAt(0);
    }

    @Test
    void gradientsAreThoseOfFloat32() {
        Consumer<TrainingStep> steps =
                step -> {
                    step.backward(INPUTS, LABELS, null, 1);
                    step.update(1);
                };
        double[] single = trained(plain(ComputeType.FLOAT32), steps);
        double[] half = trained(plain(ComputeType.FLOAT16), steps);
        assertArrayEquals(single, half, 2e-3);
        assertFalse(Arrays.equals(single, half), "float16 rounds");
    }

    @Test
    void smallGradientsSurvive() {
        // Gradients of the logits are below 1e-9, where float16 has nothing but zero.
        int divisor = 500_000_000;
        Consumer<TrainingStep> steps =
                step -> {
                    // Divides the loss of the pass; the update multiplies after the backward pass.
                    step.backward(INPUTS, LABELS, null, divisor);
                    step.update(1);
                };
        double[] single = trained(plain(ComputeType.FLOAT32), steps);
        assertArrayEquals(single, trained(plain(ComputeType.FLOAT16), steps), 5e-3);
        double[] unscaled =
                trained(
                        plain(ComputeType.FLOAT16),
                        step -> {
                            resumeWith(step, 1, 0);
                            steps.accept(step);
                        });
        assertArrayEquals(trained(plain(ComputeType.FLOAT16), step -> {}), unscaled, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anOverflowHalvesTheScaleAndChangesNothing(int passes) {
        try (Network network = network();
                TrainingStep step =
                        new TrainingStep(
                                network, recipe(ComputeType.FLOAT16, passes), Assertions::fail)) {
            double[] before = values(network);
            step.backward(LARGE, WRONG, null, 1);
            if (passes == 2) {
                step.backward(INPUTS, LABELS, null, 1);
            }
            step.update(0.1);
            assertEquals(LossScale.START / 2, step.lossScale());
            assertEquals(0, step.updates());
            assertArrayEquals(before, values(network), 0);
            // What did not count leaves no trace: the next update is the first.
            step.backward(INPUTS, LABELS, null, 1);
            step.update(0.1);
            assertEquals(1, step.updates());
            assertEquals(LossScale.START / 2, step.lossScale());
            double[] expected =
                    trained(
                            recipe(ComputeType.FLOAT16, passes),
                            other -> {
                                resumeWith(other, (float) LossScale.START / 2, 0);
                                other.backward(INPUTS, LABELS, null, 1);
                                other.update(0.1);
                            });
            assertArrayEquals(expected, values(network), 0);
        }
    }

    @Test
    void finiteUpdatesDoubleTheScaleInTheEnd() {
        try (Network network = network();
                TrainingStep step =
                        new TrainingStep(
                                network, recipe(ComputeType.FLOAT16, 1), Assertions::fail)) {
            resumeWith(step, 8, LossScale.GROWTH_INTERVAL - 2);
            step.backward(INPUTS, LABELS, null, 1);
            step.update(0.1);
            assertEquals(8, step.lossScale());
            step.backward(INPUTS, LABELS, null, 1);
            step.update(0.1);
            assertEquals(16, step.lossScale());
            assertArrayEquals(new float[] {16, 0}, state(step).toFloatArray());
        }
    }

    @Test
    void aCheckpointRemembersTheScale(@TempDir Path folder) {
        Path file = folder.resolve("checkpoint.safetensors");
        Recipe recipe = recipe(ComputeType.FLOAT16, 1);
        try (Network network = network();
                TrainingStep step = new TrainingStep(network, recipe, Assertions::fail)) {
            step.backward(LARGE, WRONG, null, 1);
            step.update(0.1);
            step.backward(INPUTS, LABELS, null, 1);
            step.update(0.1);
            Checkpoint checkpoint =
                    new Checkpoint(
                            network.spec(),
                            recipe,
                            null,
                            0,
                            new Checkpoint.State(1, 1, 0, null, CallbackState.START));
            checkpoint.write(file, file.resolveSibling("before"), network, step);
            step.backward(INPUTS, LABELS, null, 1);
            step.update(0.1);
            try (Network later = network();
                    TrainingStep resumed = new TrainingStep(later, recipe, Assertions::fail)) {
                checkpoint.restore(file, later, resumed);
                assertEquals(LossScale.START / 2, resumed.lossScale());
                resumed.backward(INPUTS, LABELS, null, 1);
                resumed.update(0.1);
                assertArrayEquals(values(network), values(later), 0);
                assertArrayEquals(
                        state(step).toFloatArray(), state(resumed).toFloatArray(), "two updates");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void otherTypesHaveNone(ComputeType compute) {
        try (Network network = network();
                TrainingStep step =
                        new TrainingStep(network, recipe(compute, 1), Assertions::fail)) {
            assertEquals(1, step.lossScale());
            assertFalse(step.state().containsKey("lossScale"));
        }
    }

    @Test
    void saysWhereNoScaleHelps() {
        try (Network network = network();
                TrainingStep step =
                        new TrainingStep(
                                network, recipe(ComputeType.FLOAT16, 1), Assertions::fail)) {
            step.backward(INPUTS, LABELS, null, 1);
            step.update(0.1);
            resumeWith(step, 0x1p-24f, 0);
            step.backward(new float[] {Float.NaN, 0, 0}, WRONG, null, 1);
            TrainingException e = assertThrows(TrainingException.class, () -> step.update(0.1));
            assertTrue(String.valueOf(e.getMessage()).contains("bfloat16 or float32"));
        }
    }
}
