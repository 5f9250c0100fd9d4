package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.loss.BinaryCrossEntropyLoss;
import io.residuum.loss.CrossEntropyLoss;
import io.residuum.loss.InfoNceLoss;
import io.residuum.loss.LossSpec;
import io.residuum.loss.Target;
import io.residuum.loss.TripletLoss;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses of the recipe at work. */
class LossesInTrainingTest {
    private static final int ROWS = 6;

    /** A classifier, several labels and an embedding of two views. */
    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "heads", "input": {"type": "features", "shape": [5]},
             "network": {"type": "graph", "outputs": ["kind", "tags", "views"], "layers": [
               {"type": "linear", "name": "body", "units": 8}, {"type": "activation", "name": "act", "function": "tanh"},
               {"type": "linear", "name": "kind", "units": 3},
               {"type": "linear", "name": "tags", "from": "act", "units": 4},
               {"type": "linear", "name": "flat", "from": "act", "units": 6},
               {"type": "reshape", "name": "views", "shape": [2, 3]}]}}
            """;

    private static ModelSpec spec() {
        return SpecJson.standard().parse(NETWORK, "heads", ModelSpec.class);
    }

    /** Some rows of a fixed data set, with unknown labels and tags as many in each pair of rows. */
    private record Rows(int from, int rows) implements TrainingBatch {
        private static final int[] KINDS = {0, 2, 1, 0, 2, 0};

        @Override
        public int samples() {
            return rows;
        }

        @Override
        public NDList inputs(NDManager manager, DataType type) {
            double[] all = new SplittableRandom(3).doubles(ROWS * 5L, -1, 1).toArray();
            double[] own = Arrays.copyOfRange(all, from * 5, (from + rows) * 5);
            return new NDList(Values.create(manager, own, new Shape(rows, 5), type));
        }

        @Override
        public Map<String, Target> targets() {
            float[] tags = new float[rows * 4];
            for (int i = 0; i < tags.length; i++) {
                int at = from * 4 + i;
                tags[i] = at % 8 == 5 ? Float.NaN : at % 3 == 0 ? 1 : 0;
            }
            Map<String, Target> targets = new LinkedHashMap<>();
            targets.put("kind", new Target.Classes(Arrays.copyOfRange(KINDS, from, from + rows)));
            targets.put("tags", new Target.Numbers(tags, new Shape(rows, 4)));
            return targets;
        }
    }

    private static final Map<String, LossSpec> LOSSES =
            Map.of(
                    "kind", new CrossEntropyLoss(2, 0.1, List.of(1.0, 2.0, 2.0), null),
                    "tags", new BinaryCrossEntropyLoss(0.5, List.of(2.0)));

    private static float[] trained(EngineChoice engine, Recipe recipe, Rows... passes) {
        try (Network network = Network.create(spec(), Engines.backend(engine), 3);
                TrainingStep step = new TrainingStep(network, recipe, note -> {})) {
            for (Rows pass : passes) {
                step.backward(pass, passes.length);
            }
            step.update(0.5);
            return values(network);
        }
    }

    private static float[] values(Network network) {
        double[] all =
                network.parameters().values().stream()
                        .map(p -> p.getArray().toFloatArray())
                        .flatMapToDouble(a -> IntStream.range(0, a.length).mapToDouble(i -> a[i]))
                        .toArray();
        float[] floats = new float[all.length];
        for (int i = 0; i < all.length; i++) {
            floats[i] = (float) all[i];
        }
        return floats;
    }

    @ParameterizedTest
    @CsvSource({"MXNET,false", "MXNET,true", "PYTORCH,false", "PYTORCH,true"})
    void severalLossesAccumulateToOneBatch(EngineChoice engine, boolean compile) {
        // Each pair of rows has the weights 1 + 2 of labels, and 7 known tags.
        Recipe recipe = Recipe.builder().losses(LOSSES).compile(compile).build();
        float[] whole = trained(engine, recipe, new Rows(0, ROWS));
        float[] parts = trained(engine, recipe, new Rows(0, 2), new Rows(2, 4));
        assertArrayEquals(whole, parts, 1e-6f);
    }

    @EachEngine
    void compiledStepsAreTheSteps(EngineChoice engine) {
        Map<String, LossSpec> losses = new LinkedHashMap<>(LOSSES);
        losses.put("views", new InfoNceLoss(1, 0.2, true));
        Recipe recipe = Recipe.builder().losses(losses).build();
        float[] each = trained(engine, recipe, new Rows(0, ROWS));
        float[] compiled = trained(engine, recipe.with().compile(true).build(), new Rows(0, ROWS));
        assertArrayEquals(each, compiled, 1e-5f);
    }

    @EachEngine
    void theSumOfOutputsIsWeighted(EngineChoice engine) {
        Map<String, LossSpec> losses = new LinkedHashMap<>(LOSSES);
        losses.put("views", new InfoNceLoss(3, 0.2, true));
        try (Network network = Network.create(spec(), Engines.backend(engine), 3);
                TrainingStep step =
                        new TrainingStep(network, Recipe.builder().losses(losses).build())) {
            step.backward(new Rows(0, ROWS), 1);
            StepResult result = Objects.requireNonNull(step.poll(0));
            assertEquals(
                    List.of("kind", "tags", "views"),
                    result.outputs().stream().map(StepResult.OutputLoss::output).toList());
            double[] means =
                    result.outputs().stream().mapToDouble(StepResult.OutputLoss::mean).toArray();
            assertEquals(2 * means[0] + 0.5 * means[1] + 3 * means[2], result.loss(), 1e-9);
            assertEquals(21, result.outputs().get(1).count());
            assertEquals(ROWS * 2, result.labels(), "of kinds and of partners");
        }
    }

    /** A batch with classes of an output whose loss does not read them. */
    private record Viewed(Rows rows) implements TrainingBatch {
        @Override
        public int samples() {
            return rows.samples();
        }

        @Override
        public NDList inputs(NDManager manager, DataType type) {
            return rows.inputs(manager, type);
        }

        @Override
        public Map<String, Target> targets() {
            return Map.of("views", new Target.Classes(new int[samples()]));
        }
    }

    @EachEngine
    void anEvaluationMayEndInOneSample(EngineChoice engine) {
        EvaluationOptions options =
                EvaluationOptions.of(5)
                        .with()
                        .losses(Map.of("views", new InfoNceLoss(1, 0.1, true)))
                        .build();
        try (Network network = Network.create(spec(), Engines.backend(engine), 3)) {
            OutputEvaluator evaluator = new OutputEvaluator(network, options, Map.of());
            evaluator.add(new Viewed(new Rows(0, 5)));
            Double before = Objects.requireNonNull(evaluator.result().score().loss());
            assertTrue(before > 0, before.toString());
            evaluator.add(new Viewed(new Rows(5, 1)));
            assertEquals(before, evaluator.result().score().loss());
        }
    }

    @EachEngine
    void lossesThatCompareSamplesNeedOnePass(EngineChoice engine) {
        Recipe recipe =
                Recipe.builder().losses(Map.of("views", new InfoNceLoss(1, 0.1, true))).build();
        try (Network network = Network.create(spec(), Engines.backend(engine), 3)) {
            String early =
                    message(() -> new TrainingStep(network, recipe.with().accumulate(2).build()));
            assertTrue(early.contains("accumulate must be 1") && early.contains("views"), early);
            try (TrainingStep step = new TrainingStep(network, recipe)) {
                assertTrue(message(() -> step.backward(new Rows(0, 3), 2)).contains("got 2"));
            }
        }
    }

    @EachEngine
    void outputsThatDoNotFitAreNamed(EngineChoice engine) {
        Recipe recipe = Recipe.builder().losses(Map.of("tags", new TripletLoss(1, 1))).build();
        try (Network network = Network.create(spec(), Engines.backend(engine), 3);
                TrainingStep step = new TrainingStep(network, recipe)) {
            String message = message(() -> step.backward(new Rows(0, ROWS), 1));
            assertTrue(message.contains("output \"tags\": triplet needs"), message);
        }
    }

    private static String message(Executable code) {
        return String.valueOf(assertThrows(TrainingException.class, code).getMessage());
    }

    /** JSON cannot hold a function, so the run names it and needs it again from Java. */
    @EachEngine
    void aRunNamesAFunctionAndResumesWithIt(EngineChoice engine, @TempDir Path temp)
            throws Exception {
        Map<String, LossSpec> focal =
                Map.of(
                        Layer.OUTPUT,
                        LossSpec.of(
                                "focal",
                                1,
                                (y, t) -> {
                                    var logP = y.logSoftmax(1);
                                    var miss = logP.exp().mul(t).sum(new int[] {1}, true);
                                    var ops = Ops.of(y.getManager());
                                    var focus = ops.add(ops.mul(miss, -1), 1).square();
                                    return ops.mul(logP.mul(t).mul(focus).sum(new int[] {1}), -1);
                                }));
        Recipe recipe =
                Recipe.builder()
                        .epochs(2)
                        .batch(32)
                        .learningRate(0.05)
                        .losses(focal)
                        .seed(7)
                        .build();
        Path whole = temp.resolve("whole");
        float[] expected = run(engine, recipe, whole, false, null);
        String written = Files.readString(whole.resolve("recipe.json"));
        assertTrue(written.contains("\"java\"") && written.contains("\"focal\""), written);

        Path broken = temp.resolve("broken");
        run(engine, recipe, broken, false, 1);
        assertArrayEquals(expected, run(engine, recipe, broken, true, null));

        Recipe read = SpecJson.standard().read(whole.resolve("recipe.json"), Recipe.class);
        String message = message(() -> run(engine, read, temp.resolve("json"), false, null));
        assertTrue(message.contains("\"focal\" must be a function of your program"), message);
    }

    /** Trains; stops after an epoch if there is one. Returns the parameters. */
    private static float[] run(
            EngineChoice engine,
            Recipe recipe,
            Path folder,
            boolean resume,
            @Nullable Integer stopAfter) {
        try (Network network =
                Network.create(
                        Tiny.network().withClasses(8), Engines.backend(engine), recipe.seed())) {
            Trainer[] trainer = new Trainer[1];
            ProgressListener listener =
                    new ProgressListener() {
                        @Override
                        public void epoch(Metrics.Epoch metrics, boolean best) {
                            if (stopAfter != null && metrics.epoch() == stopAfter) {
                                trainer[0].requestStop();
                            }
                        }
                    };
            trainer[0] = new Trainer(network, recipe, new Stripes(64, 16), folder, listener);
            Trainer.Result result = resume ? trainer[0].resume() : trainer[0].start();
            assertEquals(
                    stopAfter != null ? Trainer.Outcome.STOPPED : Trainer.Outcome.FINISHED,
                    result.outcome());
            return values(network);
        }
    }
}
