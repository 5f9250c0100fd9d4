package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.optim.ConstraintSpec;
import io.residuum.optim.EmaSpec;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.WeightConstraint;
import io.residuum.spec.json.Defaults;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingStepTest {
    private static final OptimizerSpec PLAIN = new OptimizerSpec.Sgd(0, false, 0);
    private static final float[] INPUTS = randoms(4 * 3, 1);
    private static final int[] LABELS = {0, 2, 1, 2};

    /** Rows that sum to 1, as mixing and smoothing make them. */
    private static final float[] TARGETS = {.8f, .1f, .1f, .2f, .2f, .6f, 0, 1, 0, .05f, .9f, .05f};

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void descendsAlongFiniteDifferencesOfItsLoss(EngineChoice engine) {
        try (Network network =
                        Network.create(Tiny.smooth(), Tiny.backend(engine), 3, DataType.FLOAT64);
                TrainingStep step = new TrainingStep(network, recipe(b -> {}))) {
            NDArray weight =
                    Objects.requireNonNull(network.parameters().get("in.weight")).getArray();
            double[] before = weight.toDoubleArray();
            step.backward(INPUTS, LABELS, TARGETS, 1);
            step.update(1);
            StepResult result = Objects.requireNonNull(step.poll(0));
            double[] after = weight.toDoubleArray();
            // Back to where the gradient was taken, but for the entry under test.
            try (Network there =
                    Network.create(Tiny.smooth(), Tiny.backend(engine), 3, DataType.FLOAT64)) {
                assertEquals(loss(there), result.loss(), 1e-6);
                NDArray probed =
                        Objects.requireNonNull(there.parameters().get("in.weight")).getArray();
                double h = 1e-5;
                for (int i = 0; i < before.length; i++) {
                    probed.set(shifted(before, i, h));
                    double above = loss(there);
                    probed.set(shifted(before, i, -h));
                    double below = loss(there);
                    assertEquals(
                            (above - below) / (2 * h), before[i] - after[i], 1e-6, "entry " + i);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void halvesOfABatchAccumulateToTheBatch(EngineChoice engine) {
        float[] whole = trained(engine, recipe(b -> {}), s -> pass(s, 0, 4, 1));
        float[] halves =
                trained(
                        engine,
                        recipe(b -> b.accumulate(2)),
                        s -> {
                            pass(s, 0, 2, 2);
                            pass(s, 2, 4, 2);
                        });
        assertArrayEquals(whole, halves, 1e-6f);
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void gradientsOfAnUpdateDoNotReachTheNext(EngineChoice engine) {
        float[] once = trained(engine, recipe(b -> {}), s -> pass(s, 0, 4, 1));
        float[] thenNothing =
                trained(
                        engine,
                        recipe(b -> {}),
                        s -> {
                            pass(s, 0, 4, 1);
                            s.update(0.5);
                            s.update(0.5);
                        },
                        0);
        float[] half = trained(engine, recipe(b -> {}), s -> pass(s, 0, 4, 1), 0.5);
        assertArrayEquals(half, thenNothing, 0f);
        assertNotEquals(once[0], half[0]);
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void clippingLimitsTheNormOfAllGradients(EngineChoice engine) {
        double limit = 0.01;
        assertEquals(limit, moved(engine, recipe(b -> b.clipNorm(limit))), 1e-5);
        double free = moved(engine, recipe(b -> {}));
        assertEquals(free, moved(engine, recipe(b -> b.clipNorm(100 * free))), 1e-6);
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void averageFollowsTheWeightsAndTradesPlaces(EngineChoice engine) {
        Recipe recipe = recipe(b -> b.ema(new EmaSpec(0.75, false)));
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3);
                TrainingStep step = new TrainingStep(network, recipe)) {
            float start = first(network);
            pass(step, 0, 4, 1);
            step.update(1);
            float moved = first(network);
            step.swapWeights();
            assertEquals(0.75f * start + 0.25f * moved, first(network), 1e-6f);
            step.swapWeights();
            assertEquals(moved, first(network));
        }
    }

    /** The mean of two unit vectors is shorter. */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void averagesSatisfyTheConstraints(EngineChoice engine) {
        WeightConstraint unit = new WeightConstraint("in.weight", new ConstraintSpec.UnitNorm(1));
        List<Recipe> recipes =
                List.of(
                        recipe(b -> b.ema(new EmaSpec(0.5, false)).constraints(List.of(unit))),
                        recipe(
                                b ->
                                        b.optimizer(
                                                        Defaults.of(
                                                                OptimizerSpec.ScheduleFreeAdamW
                                                                        .class))
                                                .constraints(List.of(unit))));
        for (Recipe recipe : recipes) {
            try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3);
                    TrainingStep step = new TrainingStep(network, recipe)) {
                for (int i = 0; i < 4; i++) {
                    pass(step, 0, 4, 1);
                    step.update(0.3);
                }
                float[] training = weights(network);
                step.swapWeights();
                float[] average = weights(network);
                assertFalse(Arrays.equals(training, average));
                for (int row = 0; row < average.length; row += 3) {
                    double square = 0;
                    for (int i = row; i < row + 3; i++) {
                        square += average[i] * average[i];
                    }
                    assertEquals(1, square, 1e-5, recipe.optimizer().toString());
                }
                step.swapWeights();
                assertArrayEquals(training, weights(network));
            }
        }
    }

    private static float[] weights(Network network) {
        return Values.floats(network.parameters().get("in.weight").getArray());
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void frozenParametersStay(EngineChoice engine) {
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3)) {
            network.freeze("in.*");
            float start = first(network);
            try (TrainingStep step = new TrainingStep(network, Recipe.defaults())) {
                pass(step, 0, 4, 1);
                step.update(1);
                assertEquals(start, first(network));
            }
            network.freeze("*");
            assertThrows(
                    TrainingException.class, () -> new TrainingStep(network, Recipe.defaults()));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void keepsNoArrays(EngineChoice engine) {
        Recipe recipe =
                Recipe.builder()
                        .ema(EmaSpec.of(0.9))
                        .clipNorm(1.0)
                        .accumulate(2)
                        .optimizer(new OptimizerSpec.AdamW(0.9, 0.999, 1e-8, 0.05))
                        .build();
        NDManager all = Tiny.backend(engine).manager();
        float[] images = randoms(4 * 64, 5);
        try (Network network = Network.create(Tiny.network(), Tiny.backend(engine), 3);
                TrainingStep step = new TrainingStep(network, recipe)) {
            int afterTen = 0;
            for (int i = 0; i < 25; i++) {
                step.backward(images, LABELS, null, 2);
                step.backward(images, LABELS, null, 2);
                step.update(0.01);
                while (step.poll(1) != null) {
                    // read all but the last
                }
                if (i == 10) {
                    afterTen = all.getManagedArrays().size();
                }
            }
            step.poll(0);
            int least = all.getManagedArrays().size();
            step.backward(images, LABELS, null, 2);
            step.update(0.01);
            step.poll(0);
            assertEquals(least, all.getManagedArrays().size());
            // A dropped branch leaves fewer arrays under way than a computed one.
            assertEquals(afterTen, least, 100);
        }
    }

    @Test
    void labelsBeyondTheClassesAreRefused() {
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(EngineChoice.MXNET), 3);
                TrainingStep step = new TrainingStep(network, Recipe.defaults())) {
            assertThrows(
                    TrainingException.class,
                    () -> step.backward(INPUTS, new int[] {0, 1, 2, 3}, null, 1));
        }
    }

    private static Recipe recipe(Consumer<RecipeBuilder> change) {
        RecipeBuilder builder = Recipe.builder().optimizer(PLAIN);
        change.accept(builder);
        return builder.build();
    }

    private static void pass(TrainingStep step, int from, int to, int passes) {
        float[] inputs = Arrays.copyOfRange(INPUTS, from * 3, to * 3);
        float[] targets = Arrays.copyOfRange(TARGETS, from * 3, to * 3);
        step.backward(inputs, Arrays.copyOfRange(LABELS, from, to), targets, passes);
    }

    private static float[] trained(
            EngineChoice engine, Recipe recipe, Consumer<TrainingStep> passes) {
        return trained(engine, recipe, passes, 1);
    }

    private static float[] trained(
            EngineChoice engine, Recipe recipe, Consumer<TrainingStep> passes, double rate) {
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3);
                TrainingStep step = new TrainingStep(network, recipe)) {
            passes.accept(step);
            if (rate > 0) {
                step.update(rate);
            }
            return Objects.requireNonNull(network.parameters().get("in.weight"))
                    .getArray()
                    .toFloatArray();
        }
    }

    /** Returns the norm of one update of all parameters with the rate 1. */
    private static double moved(EngineChoice engine, Recipe recipe) {
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3);
                TrainingStep step = new TrainingStep(network, recipe)) {
            double[] before = values(network);
            pass(step, 0, 4, 1);
            step.update(1);
            double[] after = values(network);
            double sum = 0;
            for (int i = 0; i < before.length; i++) {
                sum += (after[i] - before[i]) * (after[i] - before[i]);
            }
            return Math.sqrt(sum);
        }
    }

    private static double[] values(Network network) {
        return network.parameters().values().stream()
                .map(p -> p.getArray().toFloatArray())
                .flatMapToDouble(v -> IntStream.range(0, v.length).mapToDouble(i -> v[i]))
                .toArray();
    }

    private static float first(Network network) {
        return (float) values(network)[0];
    }

    private static double loss(Network network) {
        try (NDManager manager = network.backend().newManager()) {
            NDArray x = manager.create(INPUTS, new Shape(4, 3)).toType(DataType.FLOAT64, false);
            double[] logits = network.predict(new NDList(x)).toDoubleArray();
            double loss = 0;
            for (int i = 0; i < 4; i++) {
                double sum = 0;
                for (int c = 0; c < 3; c++) {
                    sum += Math.exp(logits[3 * i + c]);
                }
                for (int c = 0; c < 3; c++) {
                    loss -= TARGETS[3 * i + c] * (logits[3 * i + c] - Math.log(sum)) / 4;
                }
            }
            return loss;
        }
    }

    private static double[] shifted(double[] values, int i, double by) {
        double[] copy = values.clone();
        copy[i] += by;
        return copy;
    }

    private static float[] randoms(int n, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) (2 * random.nextDouble() - 1);
        }
        return values;
    }
}
