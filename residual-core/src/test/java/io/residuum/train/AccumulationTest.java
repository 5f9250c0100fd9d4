package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.compile.ComputeType;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.loss.Target;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An update by several passes equals an update by one large batch. */
class AccumulationTest {
    private static final int LENGTH = 6;
    private static final int CLASSES = 11;
    private static final int ROWS = 6;

    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "tokens", "input": {"type": "tokens", "length": 6, "vocabulary": 11},
             "network": [{"type": "embedding", "name": "embedding", "vocabulary": 11, "width": 8},
               {"type": "repeat", "name": "units", "times": 3, "layer":
                 {"type": "residual", "branch": [{"type": "linear", "units": 8}, {"type": "activation", "function": "gelu"}]}},
               {"type": "linear", "name": "head", "units": 11}]}
            """;

    /** The number of labels that count in each row: few, none, all. */
    private static final int[] COUNTED = {1, 0, 6, 5, 2, 3};

    private record Tokens(int from, int rows, float @Nullable [] probabilities)
            implements TrainingBatch {
        @Override
        public int samples() {
            return rows;
        }

        @Override
        public NDList inputs(NDManager manager, DataType type) {
            long[] ids = new SplittableRandom(7).longs(ROWS * LENGTH, 0, CLASSES).toArray();
            long[] own = Arrays.copyOfRange(ids, from * LENGTH, (from + rows) * LENGTH);
            return new NDList(Values.create(manager, own, new Shape(rows, LENGTH)));
        }

        @Override
        public Map<String, Target> targets() {
            return Map.of(Layer.OUTPUT, new Target.Classes(labels(), probabilities));
        }

        private int[] labels() {
            int[] labels = new SplittableRandom(8).ints(ROWS * LENGTH, 0, CLASSES).toArray();
            for (int i = 0; i < labels.length; i++) {
                if (i % LENGTH >= COUNTED[i / LENGTH]) {
                    labels[i] = Target.IGNORED;
                }
            }
            return Arrays.copyOfRange(labels, from * LENGTH, (from + rows) * LENGTH);
        }
    }

    private static Tokens tokens(int from, int rows) {
        return new Tokens(from, rows, null);
    }

    /** Soft targets, as mixing makes them. */
    private static Tokens mixed(int from, int rows) {
        float[] targets = new float[rows * LENGTH * CLASSES];
        for (int i = 0; i < rows * LENGTH; i++) {
            int place = from * LENGTH + i;
            targets[i * CLASSES + place % CLASSES] += 0.7f;
            targets[i * CLASSES + place * 5 % CLASSES] += 0.3f;
        }
        return new Tokens(from, rows, targets);
    }

    private enum How {
        EACH_OPERATION(r -> r),
        COMPILED(r -> r.with().compile(true).build()),
        RECOMPUTED(r -> r.with().compile(true).recomputeActivations(true).build());

        private final UnaryOperator<Recipe> change;

        How(UnaryOperator<Recipe> change) {
            this.change = change;
        }
    }

    private static final Recipe SGD =
            Recipe.builder()
                    .optimizer(new OptimizerSpec.Sgd(0.9, true, 0.01))
                    .learningRate(0.5)
                    .build();

    private static final Recipe ADAMW =
            Recipe.builder()
                    .optimizer(new OptimizerSpec.AdamW(0.9, 0.999, 1e-3, 0.01))
                    .learningRate(0.1)
                    .labelSmoothing(0.1)
                    .clipNorm(0.05)
                    .build();

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

    /** Passes over the same six rows; the last group has soft targets. */
    private static final List<List<Tokens>> GROUPS =
            List.of(
                    List.of(tokens(0, 2), tokens(2, 2), tokens(4, 2)),
                    List.of(tokens(0, 1), tokens(1, 5)),
                    List.of(tokens(1, 1), tokens(0, 1), tokens(2, 3), tokens(5, 1)),
                    List.of(mixed(0, 2), mixed(2, 4)));

    @ParameterizedTest
    @MethodSource("everyWay")
    void passesWithUnequalNumbersOfLabelsEqualOneBatch(EngineChoice engine, How how) {
        // A compiled step takes time to prepare, so it runs fewer groups.
        List<Integer> chosen = how == How.EACH_OPERATION ? List.of(0, 1, 2, 3) : List.of(2, 3);
        for (Recipe recipe : List.of(SGD, ADAMW)) {
            Recipe full = how.change.apply(recipe);
            float[] hard = trained(engine, full, List.of(tokens(0, ROWS)), 1);
            float[] soft = trained(engine, full, List.of(mixed(0, ROWS)), 1);
            for (int i : chosen) {
                List<Tokens> group = GROUPS.get(i);
                float[] expected = i == 3 ? soft : hard;
                assertArrayEquals(expected, trained(engine, full, group, group.size()), 1e-6f);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void theExpectedNumberOfPassesChangesNothing(EngineChoice engine) {
        float[] expected = trained(engine, SGD, List.of(tokens(0, ROWS)), 1);
        assertArrayEquals(expected, trained(engine, SGD, GROUPS.get(1), 7), 1e-6f);
    }

    @Test
    void sixteenBitsAccumulateToTheirPrecision() {
        for (ComputeType type : List.of(ComputeType.BFLOAT16, ComputeType.FLOAT16)) {
            Recipe recipe = SGD.with().compile(true).compute(type).build();
            float[] whole = trained(EngineChoice.PYTORCH, recipe, List.of(tokens(0, ROWS)), 1);
            List<Tokens> parts = List.of(tokens(0, 2), tokens(2, 1), tokens(3, 3));
            float[] summed = trained(EngineChoice.PYTORCH, recipe, parts, 3);
            float[] exact = trained(EngineChoice.PYTORCH, SGD, List.of(tokens(0, ROWS)), 1);
            assertTrue(distance(whole, exact) > 0, "the network must run in " + type);
            assertEquals(0, distance(whole, summed), 2e-3);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void theLossOfEachPassIsItsMean(EngineChoice engine) {
        try (Network network = Network.create(spec(), Tiny.backend(engine), 3);
                TrainingStep step = new TrainingStep(network, SGD)) {
            step.backward(tokens(0, ROWS), 1);
            StepResult whole = Objects.requireNonNull(step.poll(0));
            double sum = 0;
            int labels = 0;
            for (int row = 0; row < ROWS; row++) {
                step.backward(tokens(row, 1), ROWS);
                StepResult one = Objects.requireNonNull(step.poll(0));
                assertEquals(COUNTED[row], one.labels());
                sum += one.loss() * one.labels();
                labels += one.labels();
            }
            assertEquals(whole.labels(), labels);
            assertEquals(whole.loss(), sum / labels, 1e-6);
        }
    }

    /** Trains one update, or two, which the momentum joins. Returns all parameters. */
    private static float[] trained(
            EngineChoice engine, Recipe recipe, List<Tokens> passes, int expected) {
        try (Network network = Network.create(spec(), Tiny.backend(engine), 3);
                TrainingStep step = new TrainingStep(network, recipe, note -> {})) {
            for (int update = 0; update < 2; update++) {
                passes.forEach(batch -> step.backward(batch, expected));
                step.update(recipe.learningRate());
            }
            List<Float> all = new ArrayList<>();
            network.parameters()
                    .values()
                    .forEach(
                            p -> {
                                for (float value : p.getArray().toFloatArray()) {
                                    all.add(value);
                                }
                            });
            float[] values = new float[all.size()];
            IntStream.range(0, values.length).forEach(i -> values[i] = all.get(i));
            return values;
        }
    }

    private static double distance(float[] a, float[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs(a[i] - b[i]))
                .max()
                .orElseThrow();
    }

    private static ModelSpec spec() {
        return SpecJson.standard().parse(NETWORK, "tokens", ModelSpec.class);
    }
}
