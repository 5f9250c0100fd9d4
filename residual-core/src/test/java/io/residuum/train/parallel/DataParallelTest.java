package io.residuum.train.parallel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.Share;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.ScheduleSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.ThreadGroups;
import io.residuum.train.BatchSource;
import io.residuum.train.EvaluationSet;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.Tiny;
import io.residuum.train.Trainer;
import io.residuum.train.samples.Sample;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.SampleTask;
import io.residuum.train.samples.Samples;
import io.residuum.train.samples.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On PyTorch: MXNet's pause of recording locks the process, in which these threads train. */
class DataParallelTest {
    private static final ModelSpec SPEC = Tiny.smooth();
    private static final int BATCH = 4;

    private static final Recipe RECIPE =
            Recipe.builder()
                    .epochs(2)
                    .batch(BATCH)
                    .learningRate(0.05)
                    .clipNorm(1.0)
                    .validation(0)
                    .seed(3)
                    .build();

    @TempDir private Path temp;

    private static Task points(int count) {
        return points(count, 1);
    }

    /** Returns samples, of which each nth has a label. */
    private static Task points(int count, int nth) {
        SplittableRandom random = new SplittableRandom(5);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] x = new float[3];
            for (int k = 0; k < x.length; k++) {
                x[k] = (float) random.nextDouble(-1, 1);
            }
            long label = x[0] > x[1] ? 0 : x[2] > 0 ? 1 : 2;
            samples.add(Sample.of(Tensor.numbers(x), Tensor.label(i % nth == 0 ? label : -1)));
        }
        return SampleTask.on(
                SampleSplits.holdingOut("points", Samples.of(samples), Optional.empty(), 0));
    }

    private Map<String, float[]> train(
            EngineChoice engine, Recipe recipe, Task task, DataParallel parallel, String folder) {
        try (Network network = Network.create(SPEC, Tiny.backend(engine), 1)) {
            Trainer trainer =
                    new Trainer(network, recipe, task, temp.resolve(folder), ProgressListener.NONE);
            trainer.joinGroup(parallel);
            trainer.startOrResume();
            Map<String, float[]> weights = new TreeMap<>();
            network.state().forEach((p, w) -> weights.put(p, w.getArray().toFloatArray()));
            return weights;
        }
    }

    private List<Map<String, float[]>> train(
            EngineChoice engine, Recipe recipe, Task task, int processes, int localSteps) {
        Tiny.backend(engine); // opened by one thread
        return ThreadGroups.run(
                processes,
                group ->
                        train(
                                engine,
                                recipe,
                                task,
                                new DataParallel(group, localSteps),
                                "rank" + group.rank()));
    }

    private static void assertSame(
            Map<String, float[]> expected, Map<String, float[]> found, float tolerance) {
        assertEquals(expected.keySet(), found.keySet());
        expected.forEach(
                (path, values) -> assertArrayEquals(values, found.get(path), tolerance, path));
    }

    /** Two epochs of ten updates, and a clipped gradient: the norm is that of all processes. */
    @ParameterizedTest
    @ValueSource(strings = {"sgd", "adamw"})
    void severalProcessesEqualOneWithALargeBatch(String name) {
        EngineChoice engine = EngineChoice.PYTORCH;
        OptimizerSpec optimizer =
                SpecJson.standard()
                        .parse("{\"type\": \"" + name + "\"}", name, OptimizerSpec.class);
        Recipe recipe = RECIPE.with().optimizer(optimizer).learningRate(0.01).build();
        Task task = points(10 * 2 * BATCH);
        Map<String, float[]> expected =
                train(
                        engine,
                        recipe.with().batch(2 * BATCH).build(),
                        task,
                        DataParallel.ALONE,
                        "one");
        List<Map<String, float[]>> found =
                train(engine, recipe.with().accumulate(2).build(), task, 2, 1);
        assertSame(expected, found.get(0), 1e-5f);
        assertSame(found.get(0), found.get(1), 0);
        assertTrue(
                expected.get("in.weight")[0]
                        != train(engine, recipe, task, DataParallel.ALONE, "other")
                                .get("in.weight")[0]);
    }

    /** Seven batches are two updates of three processes and one in which only one has a batch. */
    @Test
    void lastUpdateMayHaveFewerBatches() {
        EngineChoice engine = EngineChoice.PYTORCH;
        Recipe recipe = RECIPE.with().accumulate(3).build();
        Task task = points(7 * BATCH);
        assertSame(
                train(engine, recipe, task, DataParallel.ALONE, "one"),
                train(engine, recipe, task, 3, 1).get(2),
                1e-5f);
    }

    /** Most updates see no label at all. */
    @Test
    void samplesMayHaveNoLabel() {
        EngineChoice engine = EngineChoice.PYTORCH;
        Recipe recipe = RECIPE.with().batch(1).accumulate(2).build();
        Task task = points(16, 4);
        assertSame(
                train(engine, recipe, task, DataParallel.ALONE, "one"),
                train(engine, recipe, task, 2, 1).get(0),
                1e-5f);
    }

    @Test
    void runIsResumedByAnotherNumberOfProcesses() throws Exception {
        Recipe recipe = RECIPE.with().accumulate(2).schedule(new ScheduleSpec.Constant()).build();
        Task task = points(6 * BATCH);
        EngineChoice engine = EngineChoice.PYTORCH;
        Map<String, float[]> expected =
                train(
                        engine,
                        recipe.with().epochs(4).build(),
                        task,
                        DataParallel.ALONE,
                        "uninterrupted");
        train(engine, recipe, task, DataParallel.ALONE, "rank0");
        Files.createDirectories(temp.resolve("rank1"));
        for (String file : List.of("checkpoint-last.safetensors", "metrics.jsonl")) {
            Files.copy(temp.resolve("rank0").resolve(file), temp.resolve("rank1").resolve(file));
        }
        assertSame(
                expected, train(engine, recipe.with().epochs(4).build(), task, 2, 1).get(0), 1e-5f);
    }

    /** With one average at the end, the result is the mean of two runs on the shares. */
    @Test
    void localStepsAverageTheWeights() {
        Recipe recipe = RECIPE.with().epochs(1).accumulate(2).build();
        Task task = points(6 * BATCH);
        EngineChoice engine = EngineChoice.PYTORCH;
        List<Map<String, float[]>> found = train(engine, recipe, task, 2, 100);
        List<Map<String, float[]>> alone =
                IntStream.range(0, 2)
                        .mapToObj(
                                i ->
                                        train(
                                                engine,
                                                recipe.with().accumulate(1).build(),
                                                new OneShare(task, new Share(i, 2)),
                                                DataParallel.ALONE,
                                                "share" + i))
                        .toList();
        assertSame(found.get(0), found.get(1), 0);
        found.get(0)
                .forEach(
                        (path, values) -> {
                            float[] mean = new float[values.length];
                            for (int i = 0; i < mean.length; i++) {
                                mean[i] =
                                        (alone.get(0).get(path)[i] + alone.get(1).get(path)[i]) / 2;
                            }
                            assertArrayEquals(mean, values, 1e-6f, path);
                        });
    }

    @Test
    void unevenPassesAreAnError() {
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> train(EngineChoice.PYTORCH, RECIPE, points(8), 2, 1));
        assertEquals(
                "accumulate must be a multiple of the number of processes, 2, so that all have as"
                        + " many passes, got 1: set it to 2",
                e.getMessage());
    }

    /** The batches of one process, for a run of its own. */
    private record OneShare(Task task, Share share) implements Task {
        @Override
        public BatchSource trainingBatches(ModelSpec spec, Recipe recipe) {
            BatchSource all = task.trainingBatches(spec, recipe);
            return new BatchSource() {
                @Override
                public int batches() {
                    return share.size(all.batches());
                }

                @Override
                public Epoch epoch(int number) {
                    // The default of sources that must be read in order.
                    return Epoch.of(all.epoch(number), share);
                }

                @Override
                public void close() {
                    all.close();
                }
            };
        }

        @Override
        public String description() {
            return task.description();
        }

        @Override
        public String unit() {
            return task.unit();
        }

        @Override
        public void requireFitting(Network network) {
            task.requireFitting(network);
        }

        @Override
        public Optional<EvaluationSet> validation() {
            return task.validation();
        }

        @Override
        public Optional<EvaluationSet> test() {
            return task.test();
        }

        @Override
        public OptionalDouble heldOut() {
            return task.heldOut();
        }

        @Override
        public Map<String, String> metadata() {
            return task.metadata();
        }
    }
}
