package io.residuum.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.optim.ParameterGroups.Trained;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.Tiny;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against torch.optim and timm.optim over 20 steps: resources/io/residuum/optim. */
public class OptimizerPeersTest {
    private static final int STEPS = 20;

    static Stream<Arguments> optimizers() throws IOException {
        return rows("optimizers.tsv").stream()
                .flatMap(
                        row ->
                                Stream.of(EngineChoice.MXNET, EngineChoice.PYTORCH)
                                        .map(e -> Arguments.of(e, row[0], row[1])));
    }

    /** A second optimizer continues from the first one's state, as after a checkpoint. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void agreesOverTwentySteps(EngineChoice engine, String json, String expected) {
        Recipe recipe = SpecJson.standard().parse(json, "recipe", Recipe.class);
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3)) {
            network.freeze("out.*");
            try (ParameterGroups trained = groups(network, recipe);
                    NDManager manager = network.backend().newManager();
                    Ops.Pause pause = network.backend().ops().pauseRecording()) {
                trained.all().forEach(t -> fill(t.value(), i -> initial(i, size(t))));
                Optimizer first = recipe.optimizer().newOptimizer(trained, manager);
                steps(first, recipe, trained, 1, STEPS / 2, manager);
                Optimizer second = recipe.optimizer().newOptimizer(trained, manager);
                Map<String, NDArray> saved = first.state();
                assertEquals(saved.keySet(), second.state().keySet());
                second.state().forEach((k, a) -> Objects.requireNonNull(saved.get(k)).copyTo(a));
                steps(second, recipe, trained, STEPS / 2 + 1, STEPS, manager);
                double[] found =
                        trained.all().stream().flatMapToDouble(t -> doubles(t.value())).toArray();
                assertArrayEquals(numbers(expected), found, 1e-5);
            }
        }
    }

    static Stream<Arguments> averages() throws IOException {
        return rows("averages.tsv").stream()
                .flatMap(
                        row ->
                                Stream.of(EngineChoice.MXNET, EngineChoice.PYTORCH)
                                        .map(e -> Arguments.of(e, row[0], row[1])));
    }

    @ParameterizedTest
    @MethodSource("averages")
    void averagesAgreeOverTwentySteps(EngineChoice engine, String json, String expected) {
        Recipe recipe = SpecJson.standard().parse(json, "recipe", Recipe.class);
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3)) {
            network.freeze("out.*");
            try (ParameterGroups trained = groups(network, recipe);
                    NDManager manager = network.backend().newManager();
                    Ops.Pause pause = network.backend().ops().pauseRecording()) {
                trained.all().forEach(t -> fill(t.value(), i -> initial(i, size(t))));
                Optimizer optimizer = recipe.optimizer().newOptimizer(trained, manager);
                steps(optimizer, recipe, trained, 1, STEPS, manager);
                Map<String, NDArray> averages = optimizer.averages(manager);
                double[] found =
                        trained.all().stream()
                                .map(t -> Objects.requireNonNull(averages.get(t.path())))
                                .flatMapToDouble(OptimizerPeersTest::doubles)
                                .toArray();
                assertArrayEquals(numbers(expected), found, 1e-5);
            }
        }
    }

    private static void steps(
            Optimizer optimizer,
            Recipe recipe,
            ParameterGroups trained,
            int from,
            int to,
            NDManager manager) {
        for (int step = from; step <= to; step++) {
            try (NDManager scratch = manager.newSubManager()) {
                for (Trained t : trained.all()) {
                    int now = step;
                    fill(t.gradient(), i -> gradient(i, size(t), now));
                }
                if (recipe.adaptiveClip() != null) {
                    trained.clip(recipe.adaptiveClip(), trained.all(), scratch);
                }
                optimizer.update(0.01 * (1 + step % 3), step, scratch);
            }
        }
    }

    /** The variance of equal gradients is 0, but rounding may give less, and its root NaN. */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void centeredRmsPropStaysFiniteForEqualGradients(EngineChoice engine) {
        Recipe recipe =
                SpecJson.standard()
                        .parse(
                                "{\"optimizer\": {\"type\": \"rmsprop\", \"alpha\": 0.9,"
                                        + " \"centered\": true}}",
                                "recipe",
                                Recipe.class);
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3);
                ParameterGroups trained = groups(network, recipe);
                NDManager manager = network.backend().newManager();
                Ops.Pause pause = network.backend().ops().pauseRecording()) {
            Optimizer optimizer = recipe.optimizer().newOptimizer(trained, manager);
            SplittableRandom random = new SplittableRandom(1);
            for (int trial = 0; trial < 10; trial++) {
                for (Trained t : trained.all()) {
                    fill(t.gradient(), i -> random.nextGaussian());
                }
                for (int step = 1; step <= 300; step++) {
                    try (NDManager scratch = manager.newSubManager()) {
                        optimizer.update(1e-9, step, scratch);
                    }
                }
                trained.all().stream()
                        .flatMapToDouble(t -> doubles(t.value()))
                        .forEach(v -> assertTrue(Double.isFinite(v), "not finite"));
            }
        }
    }

    @Test
    void muonLeavesPatternsToAdamW() {
        Recipe recipe =
                SpecJson.standard()
                        .parse(
                                "{\"optimizer\": {\"type\": \"muon\", \"adamw\": [\"out.*\"]}}",
                                "recipe",
                                Recipe.class);
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(EngineChoice.MXNET), 3);
                ParameterGroups trained = groups(network, recipe);
                NDManager manager = network.backend().newManager()) {
            assertEquals(
                    List.of(
                            "momentum.in.weight",
                            "firstMoment.in.bias",
                            "secondMoment.in.bias",
                            "firstMoment.out.weight"),
                    recipe.optimizer().newOptimizer(trained, manager).state().keySet().stream()
                            .limit(4)
                            .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'rmsprop', 'momentum': 1}",
                "{'type': 'rmsprop', 'alpha': 1}",
                "{'type': 'rmsprop', 'eps': 0}",
                "{'type': 'muon', 'beta2': 1}",
                "{'type': 'lion', 'weightDecay': -1}",
                "{'type': 'nadam', 'momentumDecay': -1}",
                "{'type': 'scheduleFreeAdamW', 'beta1': 0}",
                "{'type': 'scheduleFreeAdamW', 'ratePower': -1}"
            })
    void errorsNameTheSetting(String json) {
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () ->
                                SpecJson.standard()
                                        .parse(
                                                json.replace('\'', '"'),
                                                "optimizer",
                                                OptimizerSpec.class));
        assertTrue(e.getMessage().contains(json.split("'")[5] + " must be"), e.getMessage());
    }

    static Stream<Arguments> schedules() throws IOException {
        return rows("schedules.tsv").stream().map(row -> Arguments.of(row[0], row[1]));
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void schedulesAgree(String json, String expected) {
        ScheduleSpec schedule = SpecJson.standard().parse(json, "schedule", ScheduleSpec.class);
        double[] found = new double[STEPS + 1];
        Arrays.setAll(found, i -> schedule.factor(2 + i * 0.25, 2, 2 + STEPS * 0.25));
        assertArrayEquals(numbers(expected), found, 1e-7);
    }

    @Test
    void warmupStableDecayFallsAtTheEnd() {
        ScheduleSpec line = new ScheduleSpec.WarmupStableDecay(0.2, ScheduleSpec.Curve.LINEAR, 0.1);
        assertEquals(1, line.factor(1, 1, 10));
        assertEquals(1, line.factor(8, 1, 10));
        assertEquals(0.55, line.factor(9, 1, 10), 1e-12);
        assertEquals(0.1, line.factor(10, 1, 10), 1e-12);
        ScheduleSpec root = new ScheduleSpec.WarmupStableDecay(0.4, ScheduleSpec.Curve.SQRT, 0);
        assertEquals(0.5, root.factor(7, 1, 10), 1e-12);
        SpecException wrong =
                assertThrows(
                        SpecException.class,
                        () -> new ScheduleSpec.WarmupStableDecay(0, ScheduleSpec.Curve.SQRT, 0));
        assertTrue(wrong.getMessage().contains("decay must be in (0, 1]"), wrong.getMessage());
    }

    private static ParameterGroups groups(Network network, Recipe recipe) {
        return new ParameterGroups(network, recipe.learningRates(network), false, List.of());
    }

    private static double initial(int i, int count) {
        return 0.5 * Math.cos(1.7 * i + count);
    }

    private static double gradient(int i, int count, int step) {
        return Math.sin(0.7 * i * i + 1.3 * step + count) * (1 + i) / 4;
    }

    private static int size(Trained trained) {
        return (int) trained.value().size();
    }

    private static void fill(NDArray array, IntToDoubleFunction value) {
        float[] values = new float[(int) array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) value.applyAsDouble(i);
        }
        try (NDArray filled =
                Values.create(array.getManager(), values, array.getShape(), array.getDataType())) {
            array.muli(0).addi(filled);
        }
    }

    private static DoubleStream doubles(NDArray array) {
        float[] values = array.toFloatArray();
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]);
    }

    private static double[] numbers(String line) {
        return Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray();
    }

    private static List<String[]> rows(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(OptimizerPeersTest.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("\t"))
                    .toList();
        }
    }
}
