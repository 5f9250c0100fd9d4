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
import io.residuum.engine.Values;
import io.residuum.loss.LossException;
import io.residuum.loss.Target;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.train.distill.Distillation;
import io.residuum.train.distill.Distillation.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DistillationTest {
    private static final int ROWS = 8;
    private static final int CLASSES = 3;

    /** As wide as the hidden layer of the teacher. */
    private static final String WITH_HINT =
            """
            {"format": "residuum/1", "name": "hint", "input": {"type": "features", "shape": [3]},
             "network": {"type": "graph", "outputs": ["output", "hint"], "layers": [
               {"type": "linear", "name": "body", "units": 6}, {"type": "activation", "name": "act"},
               {"type": "linear", "name": "output", "units": 3},
               {"type": "linear", "name": "hint", "from": "act", "units": 4}]}}
            """;

    private static final String IMAGES =
            """
            {"format": "residuum/1", "name": "pictures",
             "input": {"type": "image", "shape": [3, 2, 1], "mean": %s, "std": %s},
             "network": [{"type": "flatten"}, {"type": "linear", "name": "head", "units": 3}]}
            """;

    @TempDir private Path temp;

    /**
     * The same inputs each time.
     *
     * @param labels null if only a teacher knows
     */
    private record Inputs(int @Nullable [] labels, Shape sample) implements TrainingBatch {
        static final Inputs UNLABELLED = new Inputs(null, new Shape(3));

        @Override
        public int samples() {
            return ROWS;
        }

        @Override
        public NDList inputs(NDManager manager, DataType type) {
            double[] x = new SplittableRandom(5).doubles(ROWS * sample.size(), -2, 2).toArray();
            return new NDList(Values.create(manager, x, new Shape(ROWS).addAll(sample), type));
        }

        @Override
        public Map<String, Target> targets() {
            return labels == null ? Map.of() : Map.of(Layer.OUTPUT, new Target.Classes(labels));
        }
    }

    private static ModelSpec parsed(String json) {
        return SpecJson.standard().parse(json, "net", ModelSpec.class);
    }

    /** Saves a network with weights that are far from those of the student. */
    private String teacher(EngineChoice engine, ModelSpec spec) {
        Path file = temp.resolve("teacher.safetensors");
        try (Network network = Network.create(spec, Engines.backend(engine), 11)) {
            network.parameters().values().forEach(p -> p.getArray().muli(3));
            network.save(file);
        }
        return file.toString();
    }

    private static Distillation of(String teacher, Kind kind, double weight) {
        return new Distillation(teacher, kind, 2, weight, Map.of(), Map.of(), 1);
    }

    private static double[][] logits(EngineChoice engine, Network network, Inputs inputs) {
        try (NDManager manager = Engines.backend(engine).newManager()) {
            var y = network.predictAll(inputs.inputs(manager, DataType.FLOAT32));
            float[] flat = Objects.requireNonNull(y.get(Layer.OUTPUT)).toFloatArray();
            double[][] rows = new double[ROWS][CLASSES];
            for (int i = 0; i < flat.length; i++) {
                rows[i / CLASSES][i % CLASSES] = flat[i];
            }
            return rows;
        }
    }

    private static double logProbability(double[] logits, double temperature, int c) {
        double sum = Arrays.stream(logits).map(x -> Math.exp(x / temperature)).sum();
        return logits[c] / temperature - Math.log(sum);
    }

    /** The mean over rows, in double precision. */
    private static double expected(double[][] teacher, double[][] student, Kind kind, double t) {
        double sum = 0;
        for (int i = 0; i < ROWS; i++) {
            int best = 0;
            for (int c = 0; c < CLASSES; c++) {
                double wanted = logProbability(teacher[i], t, c);
                double found = logProbability(student[i], t, c);
                sum += kind == Kind.SOFT ? t * t * Math.exp(wanted) * (wanted - found) : 0;
                best = teacher[i][c] > teacher[i][best] ? c : best;
            }
            sum += kind == Kind.HARD ? -logProbability(student[i], 1, best) : 0;
        }
        return sum / ROWS;
    }

    @ParameterizedTest
    @CsvSource({"MXNET,SOFT", "MXNET,HARD", "PYTORCH,SOFT", "PYTORCH,HARD"})
    void labelsAndTeacherShareTheLoss(EngineChoice engine, Kind kind) {
        String file = teacher(engine, Tiny.smooth());
        int[] labels = {0, 2, 1, 1, 0, 2, 0, 1};
        Inputs batch = new Inputs(labels, new Shape(3));
        Recipe recipe = Recipe.builder().distillation(of(file, kind, 0.7)).build();
        try (Network student = Network.create(Tiny.smooth(), Engines.backend(engine), 3);
                Network teacher = Network.load(Path.of(file), Engines.backend(engine));
                TrainingStep step = new TrainingStep(student, recipe)) {
            double[][] found = logits(engine, student, batch);
            double taught = expected(logits(engine, teacher, batch), found, kind, 2);
            double entropy = 0;
            for (int i = 0; i < ROWS; i++) {
                entropy -= logProbability(found[i], 1, labels[i]) / ROWS;
            }
            step.backward(batch, 1);
            StepResult result = Objects.requireNonNull(step.poll(0));
            assertEquals(0.3 * entropy + 0.7 * taught, result.loss(), 1e-5);
            assertEquals(ROWS, result.labels(), "counted once");
            assertEquals(
                    List.of("output", "output teacher"),
                    result.outputs().stream().map(StepResult.OutputLoss::output).toList());
        }
    }

    @ParameterizedTest
    @CsvSource({"MXNET,SOFT,false", "MXNET,HARD,true", "PYTORCH,SOFT,true", "PYTORCH,HARD,false"})
    void aTeacherAloneIsEnough(EngineChoice engine, Kind kind, boolean compile) {
        String file = teacher(engine, Tiny.smooth());
        Recipe recipe = Recipe.builder().distillation(of(file, kind, 1)).compile(compile).build();
        try (Network student = Network.create(Tiny.smooth(), Engines.backend(engine), 3);
                Network teacher = Network.load(Path.of(file), Engines.backend(engine));
                TrainingStep step = new TrainingStep(student, recipe)) {
            double[][] wanted = logits(engine, teacher, Inputs.UNLABELLED);
            double before = expected(wanted, logits(engine, student, Inputs.UNLABELLED), kind, 2);
            for (int i = 0; i < 150; i++) {
                step.backward(Inputs.UNLABELLED, 1);
                step.update(0.1);
                StepResult result = Objects.requireNonNull(step.poll(0));
                assertEquals(0, result.labels());
            }
            double after = expected(wanted, logits(engine, student, Inputs.UNLABELLED), kind, 2);
            assertTrue(after < 0.2 * before, before + " became " + after);
        }
    }

    @EachEngine
    void passesOfAnUpdateAddUp(EngineChoice engine) {
        String file = teacher(engine, Tiny.smooth());
        Inputs batch = new Inputs(new int[] {0, 2, 1, 1, 0, 2, 0, 1}, new Shape(3));
        Recipe recipe = Recipe.builder().distillation(of(file, Kind.SOFT, 0.5)).build();
        float[][] found = new float[2][];
        for (int passes = 1; passes <= 2; passes++) {
            try (Network student = Network.create(Tiny.smooth(), Engines.backend(engine), 3);
                    TrainingStep step = new TrainingStep(student, recipe)) {
                for (int i = 0; i < passes; i++) {
                    step.backward(batch, passes);
                }
                step.update(0.5);
                found[passes - 1] = weights(student, "in.weight");
            }
        }
        assertArrayEquals(found[0], found[1], 1e-6f);
    }

    private static float[] weights(Network network, String path) {
        return Objects.requireNonNull(network.parameters().get(path)).getArray().toFloatArray();
    }

    @EachEngine
    void featuresOfALayerAreLearned(EngineChoice engine) {
        String file = teacher(engine, Tiny.smooth());
        Distillation hint =
                new Distillation(file, Kind.SOFT, 2, 0.5, Map.of(), Map.of("hint", "in"), 0.25);
        Recipe recipe = Recipe.builder().distillation(hint).build();
        try (Network student = Network.create(parsed(WITH_HINT), Engines.backend(engine), 3);
                Network teacher = Network.load(Path.of(file), Engines.backend(engine));
                NDManager manager = Engines.backend(engine).newManager();
                TrainingStep step = new TrainingStep(student, recipe)) {
            NDList x = Inputs.UNLABELLED.inputs(manager, DataType.FLOAT32);
            float[] wanted =
                    Objects.requireNonNull(teacher.features(x, List.of("in")).get("in"))
                            .toFloatArray();
            float[] found =
                    Objects.requireNonNull(student.predictAll(x).get("hint")).toFloatArray();
            double mean = 0;
            for (int i = 0; i < wanted.length; i++) {
                mean += Math.pow(wanted[i] - found[i], 2) / wanted.length;
            }
            double soft =
                    expected(
                            logits(engine, teacher, Inputs.UNLABELLED),
                            logits(engine, student, Inputs.UNLABELLED),
                            Kind.SOFT,
                            2);
            step.backward(Inputs.UNLABELLED, 1);
            StepResult result = Objects.requireNonNull(step.poll(0));
            assertEquals(0.5 * soft + 0.25 * mean, result.loss(), 1e-5);
        }
    }

    /** A batch is normalized for the student. */
    @EachEngine
    void theTeacherSeesItsOwnNormalization(EngineChoice engine) {
        ModelSpec raw = parsed(IMAGES.formatted("[]", "[]"));
        ModelSpec normalized = parsed(IMAGES.formatted("[0.5, 1, -1]", "[2, 0.5, 1]"));
        String file = teacher(engine, normalized);
        Recipe recipe = Recipe.builder().distillation(of(file, Kind.SOFT, 1)).build();
        Inputs batch = new Inputs(null, new Shape(3, 2, 1));
        try (Network student = Network.create(raw, Engines.backend(engine), 3);
                Network teacher = Network.load(Path.of(file), Engines.backend(engine));
                NDManager manager = Engines.backend(engine).newManager();
                TrainingStep step = new TrainingStep(student, recipe)) {
            float[] x = batch.inputs(manager, DataType.FLOAT32).head().toFloatArray();
            double[] mean = {0.5, 1, -1};
            double[] std = {2, 0.5, 1};
            for (int i = 0; i < x.length; i++) {
                int c = i / 2 % 3;
                x[i] = (float) ((x[i] - mean[c]) / std[c]);
            }
            Shape shape = new Shape(ROWS, 3, 2, 1);
            float[] flat =
                    teacher.predict(new NDList(Values.create(manager, x, shape, DataType.FLOAT32)))
                            .toFloatArray();
            double[][] wanted = new double[ROWS][CLASSES];
            for (int i = 0; i < flat.length; i++) {
                wanted[i / CLASSES][i % CLASSES] = flat[i];
            }
            step.backward(batch, 1);
            StepResult result = Objects.requireNonNull(step.poll(0));
            assertEquals(
                    expected(wanted, logits(engine, student, batch), Kind.SOFT, 2),
                    result.loss(),
                    1e-4);
        }
    }

    @EachEngine
    void aRunWithATeacherResumes(EngineChoice engine) {
        String file = teacher(engine, Tiny.network().withClasses(8));
        Recipe recipe =
                Recipe.builder()
                        .epochs(2)
                        .batch(32)
                        .learningRate(0.05)
                        .distillation(of(file, Kind.SOFT, 0.5))
                        .seed(7)
                        .build();
        Path whole = temp.resolve("whole");
        float[] expected = run(engine, recipe, whole, false, 0);
        Metrics.Epoch line =
                new RunFolder(whole)
                        .metricsFile().read().lines().stream()
                                .filter(Metrics.Epoch.class::isInstance)
                                .map(Metrics.Epoch.class::cast)
                                .findFirst()
                                .orElseThrow();
        assertTrue(
                line.trainMeasures().stream().anyMatch(m -> m.name().equals("output teacher loss")),
                line.toString());
        Path broken = temp.resolve("broken");
        run(engine, recipe, broken, false, 1);
        assertArrayEquals(expected, run(engine, recipe, broken, true, 0));
    }

    private static float[] run(
            EngineChoice engine, Recipe recipe, Path folder, boolean resume, int stopAfter) {
        try (Network network =
                Network.create(
                        Tiny.network().withClasses(8), Engines.backend(engine), recipe.seed())) {
            Trainer[] trainer = new Trainer[1];
            ProgressListener listener =
                    new ProgressListener() {
                        @Override
                        public void epoch(Metrics.Epoch metrics, boolean best) {
                            if (metrics.epoch() == stopAfter) {
                                trainer[0].requestStop();
                            }
                        }
                    };
            trainer[0] = new Trainer(network, recipe, new Stripes(64, 16), folder, listener);
            if (resume) {
                trainer[0].resume();
            } else {
                trainer[0].start();
            }
            return weights(network, "head.weight");
        }
    }

    @EachEngine
    void whatCannotTeachIsNamed(EngineChoice engine) throws Exception {
        Path spec = temp.resolve("net.json");
        Files.writeString(spec, SpecJson.standard().write(Tiny.smooth()));
        assertRefused(engine, of(spec.toString(), Kind.SOFT, 1), "has no weights");
        String images = teacher(engine, parsed(IMAGES.formatted("[]", "[]")));
        assertRefused(
                engine, of(images, Kind.SOFT, 1), "must read the input of the student, {\"type\":");
        String narrow = teacher(engine, Tiny.smooth().withClasses(2));
        assertRefused(engine, of(narrow, Kind.SOFT, 1), "must have the shape of the teacher");
        String same = teacher(engine, Tiny.smooth());
        assertRefused(
                engine,
                new Distillation(same, Kind.SOFT, 1, 1, Map.of("logits", "output"), Map.of(), 1),
                "got \"logits\"");
        assertRefused(
                engine,
                new Distillation(same, Kind.SOFT, 1, 1, Map.of(), Map.of("hint", "in"), 1),
                "got \"hint\"");
    }

    private static void assertRefused(EngineChoice engine, Distillation settings, String part) {
        Recipe recipe = Recipe.builder().distillation(settings).build();
        try (Network student = Network.create(Tiny.smooth(), Engines.backend(engine), 3)) {
            RuntimeException e =
                    assertThrows(
                            RuntimeException.class,
                            () -> {
                                try (TrainingStep step = new TrainingStep(student, recipe)) {
                                    step.backward(Inputs.UNLABELLED, 1);
                                }
                            });
            assertTrue(e instanceof LossException || e instanceof TrainingException, e.toString());
            assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
        }
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        for (String json :
                List.of(
                        "{\"teacher\": \"a\", \"temperature\": 0}",
                        "{\"teacher\": \"a\", \"weight\": 1.5}",
                        "{\"teacher\": \"a\", \"weight\": 0}",
                        "{\"teacher\": \" \"}",
                        "{\"teacher\": \"a\", \"kind\": \"medium\"}")) {
            assertThrows(
                    SpecException.class,
                    () -> SpecJson.standard().parse(json, "test", Distillation.class),
                    json);
        }
    }
}
