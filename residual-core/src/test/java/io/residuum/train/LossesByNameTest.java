package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.loss.CrossEntropyLoss;
import io.residuum.loss.LossSpec;
import io.residuum.loss.MeanSquaredError;
import io.residuum.loss.Target;
import io.residuum.model.Network;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Training of a network with two inputs and three outputs, of which two have targets. */
class LossesByNameTest {
    private static final int ROWS = 6;

    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "game",
             "input": {"type": "several", "inputs": [
               {"name": "board", "type": "features", "shape": [5]},
               {"name": "clock", "type": "features", "shape": [2]}]},
             "network": {"type": "graph", "inputs": ["board", "clock"], "outputs": ["policy", "value", "spare"], "layers": [
               {"type": "concat", "name": "seen", "from": ["board", "clock"]},
               {"type": "linear", "name": "tower", "units": 8}, {"type": "activation", "name": "bent", "function": "tanh"},
               {"type": "linear", "name": "policy", "units": 4},
               {"type": "linear", "name": "value", "from": "bent", "units": 2},
               {"type": "linear", "name": "spare", "from": "bent", "units": 3}]}}
            """;

    private static final List<LossSpec> LOSSES =
            List.of(new CrossEntropyLoss(1, 0.1), new MeanSquaredError(0.5));

    private record Rows(int from, int count, boolean gaps) implements TrainingBatch {
        @Override
        public int samples() {
            return count;
        }

        private float[] numbers(int seed, int width) {
            double[] all = new SplittableRandom(seed).doubles(ROWS * width, -1, 1).toArray();
            float[] own = new float[count * width];
            for (int i = 0; i < own.length; i++) {
                own[i] = (float) all[from * width + i];
            }
            return own;
        }

        int[] labels() {
            int[] all = new SplittableRandom(3).ints(ROWS, 0, 4).toArray();
            return Arrays.copyOfRange(all, from, from + count);
        }

        /** Returns the wanted values; with gaps, the second of each row is unknown. */
        float[] values() {
            float[] values = numbers(4, 2);
            for (int i = 1; gaps && i < values.length; i += 2) {
                values[i] = Float.NaN;
            }
            return values;
        }

        @Override
        public NDList inputs(NDManager manager, DataType type) {
            NDArray board = Values.create(manager, numbers(1, 5), new Shape(count, 5), type);
            NDArray clock = Values.create(manager, numbers(2, 2), new Shape(count, 2), type);
            clock.setName("clock");
            return new NDList(board, clock);
        }

        @Override
        public Map<String, Target> targets() {
            return Map.of(
                    "policy",
                    new Target.Classes(labels()),
                    "value",
                    new Target.Numbers(values(), new Shape(count, 2)));
        }
    }

    private enum How {
        EACH_OPERATION,
        COMPILED,
        RECOMPUTED;

        Recipe recipe(Map<String, LossSpec> losses) {
            return Recipe.builder()
                    .learningRate(0.5)
                    .compile(this != EACH_OPERATION)
                    .recomputeActivations(this == RECOMPUTED)
                    .losses(losses)
                    .build();
        }
    }

    private static Stream<Arguments> everyWay() {
        return Stream.of(EngineChoice.MXNET, EngineChoice.PYTORCH)
                .flatMap(
                        engine ->
                                Arrays.stream(How.values())
                                        .filter(
                                                how ->
                                                        how != How.RECOMPUTED
                                                                || engine == EngineChoice.PYTORCH)
                                        .map(how -> Arguments.of(engine, how)));
    }

    private static Map<String, LossSpec> losses() {
        Map<String, LossSpec> losses = new LinkedHashMap<>();
        losses.put("policy", LOSSES.get(0));
        losses.put("value", LOSSES.get(1));
        return losses;
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void theLossIsTheWeightedSumOfTheOutputs(EngineChoice engine, How how) {
        Rows rows = new Rows(0, ROWS, true);
        try (Network network = network(engine);
                TrainingStep step =
                        new TrainingStep(network, how.recipe(losses()), Assertions::fail)) {
            Map<String, float[]> outputs = outputs(network, rows);
            step.backward(rows, 1);
            StepResult result = Objects.requireNonNull(step.poll(0));
            double policy = crossEntropy(outputs.get("policy"), rows.labels());
            double value = squaredError(outputs.get("value"), rows.values());
            assertEquals(policy, result.outputs().get(0).mean(), 1e-5);
            assertEquals(value, result.outputs().get(1).mean(), 1e-5);
            assertEquals(policy + 0.5 * value, result.loss(), 1e-5);
            assertEquals(6, result.outputs().get(0).count());
            assertEquals(6, result.outputs().get(1).count(), "unknown targets do not count");
            assertEquals(correct(outputs.get("policy"), rows.labels()), result.correct());
        }
    }

    @Test
    void smoothingThatNoLossReadsIsRefused() {
        Recipe recipe = How.EACH_OPERATION.recipe(losses()).with().labelSmoothing(0.1).build();
        try (Network network = network(EngineChoice.MXNET);
                TrainingStep step = new TrainingStep(network, recipe, Assertions::fail)) {
            Rows rows = new Rows(0, ROWS, true);
            TrainingException e =
                    assertThrows(TrainingException.class, () -> step.backward(rows, 1));
            assertTrue(e.getMessage().startsWith("labelSmoothing is for outputs"), e.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void descendsAlongFiniteDifferences(EngineChoice engine, How how) {
        Rows rows = new Rows(0, ROWS, true);
        Recipe plain =
                how.recipe(losses()).with().optimizer(new OptimizerSpec.Sgd(0, false, 0)).build();
        try (Network network = network(engine);
                Network there = network(engine);
                TrainingStep step = new TrainingStep(network, plain, Assertions::fail)) {
            step.backward(rows, 1);
            step.update(1);
            for (String path :
                    List.of("tower.weight", "policy.bias", "value.weight", "spare.weight")) {
                float[] before = parameter(there, path).toFloatArray();
                float[] after = parameter(network, path).toFloatArray();
                for (int i = 0; i < before.length; i += 3) {
                    double slope = slope(there, path, before, i, rows);
                    assertEquals(slope, before[i] - after[i], 2e-3, path + " " + i);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void severalPassesEqualOneBatch(EngineChoice engine, How how) {
        Recipe recipe = how.recipe(losses());
        float[] whole = trained(engine, recipe, List.of(new Rows(0, ROWS, true)));
        float[] parts =
                trained(engine, recipe, List.of(new Rows(0, 2, true), new Rows(2, 4, true)));
        assertArrayEquals(whole, parts, 1e-6f);
    }

    @Test
    void passesWithOtherSharesOfKnownTargetsAreRefused() {
        try (Network network = network(EngineChoice.PYTORCH);
                TrainingStep step =
                        new TrainingStep(network, How.EACH_OPERATION.recipe(losses()))) {
            step.backward(new Rows(0, 2, true), 2);
            step.backward(new Rows(2, 4, false), 2);
            TrainingException e = assertThrows(TrainingException.class, () -> step.update(0.1));
            assertTrue(message(e).contains("6.0 for policy, 10.0 for value"), message(e));
        }
    }

    @Test
    void targetsAndLossesWithoutPartnerAreRefused() {
        try (Network network = network(EngineChoice.PYTORCH)) {
            Recipe unknown = How.EACH_OPERATION.recipe(Map.of("valve", LOSSES.get(1)));
            TrainingException e =
                    assertThrows(TrainingException.class, () -> new TrainingStep(network, unknown));
            assertTrue(message(e).contains("[policy, value, spare], got \"valve\""), message(e));
            Recipe spare = How.EACH_OPERATION.recipe(Map.of("spare", LOSSES.get(1)));
            try (TrainingStep step = new TrainingStep(network, spare)) {
                e =
                        assertThrows(
                                TrainingException.class,
                                () -> step.backward(new Rows(0, 2, false), 1));
                assertTrue(message(e).contains("\"spare\" needs a target"), message(e));
            }
            Recipe wrong = How.EACH_OPERATION.recipe(Map.of("value", LOSSES.get(0)));
            try (TrainingStep step = new TrainingStep(network, wrong)) {
                e =
                        assertThrows(
                                TrainingException.class,
                                () -> step.backward(new Rows(0, 2, false), 1));
                assertTrue(message(e).contains("crossEntropy needs classes"), message(e));
            }
        }
    }

    @Test
    void aTargetSuggestsItsLoss() {
        Rows rows = new Rows(0, ROWS, false);
        try (Network network = network(EngineChoice.PYTORCH);
                TrainingStep step =
                        new TrainingStep(network, How.EACH_OPERATION.recipe(Map.of()))) {
            Map<String, float[]> outputs = outputs(network, rows);
            step.backward(rows, 1);
            StepResult result = Objects.requireNonNull(step.poll(0));
            assertEquals(
                    squaredError(outputs.get("value"), rows.values()),
                    result.outputs().get(1).mean(),
                    1e-5);
            assertEquals(1, result.outputs().get(1).weight());
        }
    }

    private static String message(Exception e) {
        return String.valueOf(e.getMessage());
    }

    private static Network network(EngineChoice engine) {
        ModelSpec spec = SpecJson.standard().parse(NETWORK, "game", ModelSpec.class);
        return Network.create(spec, Tiny.backend(engine), 3);
    }

    private static NDArray parameter(Network network, String path) {
        return Objects.requireNonNull(network.parameters().get(path)).getArray();
    }

    private static Map<String, float[]> outputs(Network network, Rows rows) {
        Map<String, float[]> values = new LinkedHashMap<>();
        try (NDManager manager = network.backend().newManager()) {
            network.predictAll(rows.inputs(manager, DataType.FLOAT32))
                    .forEach((name, array) -> values.put(name, array.toFloatArray()));
        }
        return values;
    }

    private static double loss(Network network, Rows rows) {
        Map<String, float[]> outputs = outputs(network, rows);
        return crossEntropy(outputs.get("policy"), rows.labels())
                + 0.5 * squaredError(outputs.get("value"), rows.values());
    }

    private static double slope(
            Network network, String path, float[] values, int index, Rows rows) {
        double[] losses = new double[2];
        for (int side = 0; side < 2; side++) {
            float[] moved = values.clone();
            moved[index] += side == 0 ? 1e-2f : -1e-2f;
            parameter(network, path).set(moved);
            losses[side] = loss(network, rows);
        }
        parameter(network, path).set(values);
        return (losses[0] - losses[1]) / 2e-2;
    }

    /** The mean with a smoothing of 0.1. */
    private static double crossEntropy(float[] logits, int[] labels) {
        double sum = 0;
        for (int row = 0; row < labels.length; row++) {
            double total = 0;
            for (int c = 0; c < 4; c++) {
                total += Math.exp(logits[row * 4 + c]);
            }
            for (int c = 0; c < 4; c++) {
                double wanted = 0.1 / 4 + (labels[row] == c ? 0.9 : 0);
                sum -= wanted * (logits[row * 4 + c] - Math.log(total));
            }
        }
        return sum / labels.length;
    }

    private static double squaredError(float[] output, float[] wanted) {
        double sum = 0;
        int known = 0;
        for (int i = 0; i < wanted.length; i++) {
            if (!Float.isNaN(wanted[i])) {
                sum += Math.pow(output[i] - (double) wanted[i], 2);
                known++;
            }
        }
        return sum / known;
    }

    private static long correct(float[] logits, int[] labels) {
        long right = 0;
        for (int row = 0; row < labels.length; row++) {
            int best = 0;
            for (int c = 1; c < 4; c++) {
                best = logits[row * 4 + c] > logits[row * 4 + best] ? c : best;
            }
            right += best == labels[row] ? 1 : 0;
        }
        return right;
    }

    private static float[] trained(EngineChoice engine, Recipe recipe, List<Rows> passes) {
        try (Network network = network(engine);
                TrainingStep step = new TrainingStep(network, recipe, Assertions::fail)) {
            for (int update = 0; update < 2; update++) {
                passes.forEach(batch -> step.backward(batch, passes.size()));
                step.update(recipe.learningRate());
            }
            float[] tower = parameter(network, "tower.weight").toFloatArray();
            float[] value = parameter(network, "value.bias").toFloatArray();
            float[] all = Arrays.copyOf(tower, tower.length + value.length);
            System.arraycopy(value, 0, all, tower.length, value.length);
            return all;
        }
    }
}
