package io.residuum.spark;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.ScheduleSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.BatchSource;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Task;
import io.residuum.train.samples.Sample;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.SampleTask;
import io.residuum.train.samples.Samples;
import io.residuum.train.samples.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Cluster.class)
class EstimatorTest {
    private static final int BATCH = 4;
    private static final int SAMPLES = 10 * 2 * BATCH;

    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "points", "input": {"type": "features", "shape": [3]},
             "network": [{"type": "linear", "name": "in", "units": 6},
               {"type": "residual", "name": "unit", "branch": [{"type": "linear", "units": 6}, {"type": "activation", "function": "tanh"}]},
               {"type": "linear", "name": "head", "units": 3}]}
            """;

    /** Twenty updates by two workers. */
    private static final Recipe RECIPE =
            Recipe.builder()
                    .epochs(2)
                    .batch(BATCH)
                    .learningRate(0.02)
                    .validation(0)
                    .seed(4)
                    .build();

    @TempDir private static Path folder;
    private static Path spec;
    private static SparkSession spark;

    @BeforeAll
    static void start() throws IOException {
        spark = Cluster.session();
        spec = folder.resolve("points.json");
        Files.writeString(spec, NETWORK);
    }

    private static float[] point(int i) {
        SplittableRandom random = new SplittableRandom(i);
        return new float[] {
            (float) random.nextDouble(-1, 1),
            (float) random.nextDouble(-1, 1),
            (float) random.nextDouble(-1, 1)
        };
    }

    private static int label(float[] x) {
        return x[0] > x[1] ? 0 : x[2] > 0 ? 1 : 2;
    }

    private static Samples samples() {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            float[] x = point(i);
            samples.add(Sample.of(Tensor.numbers(x), Tensor.label(label(x))));
        }
        return Samples.of(samples);
    }

    private static Task task(Samples samples) {
        return SampleTask.on(SampleSplits.holdingOut("points", samples, Optional.empty(), 0));
    }

    private static Task points() {
        return task(samples());
    }

    private static ResiduumEstimator estimator(Recipe recipe, String run) {
        return new ResiduumEstimator(
                        spec.toString(), recipe, folder.resolve(run).toUri().toString())
                .setEngine("pytorch");
    }

    private static Map<String, float[]> weights(String run) {
        try (Backend backend = Backend.open(EngineChoice.PYTORCH, DeviceChoice.CPU);
                Network network = Network.open(folder.resolve(run).toString(), backend)) {
            Map<String, float[]> weights = new TreeMap<>();
            network.state().forEach((p, w) -> weights.put(p, w.getArray().toFloatArray()));
            return weights;
        }
    }

    private static void assertSame(String expected, String found, float tolerance) {
        Map<String, float[]> values = weights(found);
        weights(expected)
                .forEach((path, w) -> assertArrayEquals(w, values.get(path), tolerance, path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "adamw"})
    void twoWorkersEqualOneWithTwiceTheBatch(String name) {
        OptimizerSpec optimizer =
                SpecJson.standard()
                        .parse("{\"type\": \"" + name + "\"}", name, OptimizerSpec.class);
        Recipe recipe = RECIPE.with().optimizer(optimizer).build();
        TaskSource data = (network, settings) -> points();
        estimator(recipe, name + "2").setWorkers(2).fit(spark, data);
        estimator(recipe.with().batch(2 * BATCH).build(), name + "1").fit(spark, data);
        assertSame(name + "1", name + "2", 1e-5f);
        assertTrue(Files.exists(folder.resolve(name + "2").resolve("report.html")));
    }

    @Test
    void workersShareTheSamplesOfAnEpoch() throws IOException {
        String log = folder.resolve("samples").toString();
        estimator(RECIPE.with().epochs(1).build(), "shared")
                .setWorkers(2)
                .fit(spark, (network, settings) -> task(logged(samples(), Path.of(log))));
        List<Integer> seen =
                Files.readAllLines(Path.of(log)).stream().map(Integer::valueOf).sorted().toList();
        assertEquals(IntStream.range(0, SAMPLES).boxed().toList(), seen);
    }

    /** Notes the samples that training reads. */
    private static Samples logged(Samples samples, Path log) {
        return new Samples() {
            @Override
            public int size() {
                return samples.size();
            }

            @Override
            public Sample get(int index) {
                return samples.get(index);
            }

            @Override
            public Sample augmented(int index, RandomGenerator random) {
                try {
                    Files.writeString(log, index + "\n", CREATE, APPEND);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return get(index);
            }
        };
    }

    @Test
    void unfinishedRunContinues() {
        TaskSource data = (network, settings) -> points();
        Recipe two = RECIPE.with().schedule(new ScheduleSpec.Constant()).build();
        estimator(two, "unbroken").setWorkers(2).fit(spark, data);
        estimator(two.with().epochs(1).build(), "continued").setWorkers(2).fit(spark, data);
        estimator(two, "continued").setWorkers(2).fit(spark, data);
        assertSame("unbroken", "continued", 0);
    }

    @Test
    void killedExecutorResumesToTheSameResult() throws IOException {
        estimator(RECIPE, "whole").setWorkers(2).fit(spark, (network, settings) -> points());
        String run = folder.resolve("killed").toString();
        estimator(RECIPE, "killed")
                .setWorkers(2)
                .fit(spark, (network, settings) -> killing(points(), Path.of(run)));
        assertEquals("1\n2\n2\n", Files.readString(folder.resolve("epochs")));
        assertSame("whole", "killed", 0);
    }

    /** The program of the guide. */
    @Test
    void exampleTrainsOnAFolder() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 81; i++) {
            Path label = folder.resolve("pictures").resolve("class" + i % 3);
            Files.createDirectories(label);
            Files.write(label.resolve(i + ".png"), ScoringTest.picture(random, 12, 12));
        }
        Path network = folder.resolve("tiny.json");
        Files.writeString(network, ScoringTest.NETWORK);
        Path run = folder.resolve("pictures-run");
        TrainFolder.main(
                new String[] {
                    network.toString(),
                    folder.resolve("pictures").toString(),
                    run.toUri().toString(),
                    "2"
                });
        assertEquals(2, new RunFolder(run).readMetrics().size());
        assertTrue(Files.exists(new RunFolder(run).model()));
    }

    /** Averaging after four updates is another training, which is as deterministic. */
    @Test
    void localStepsTrain() {
        TaskSource data = (network, settings) -> points();
        for (String run : List.of("local1", "local2")) {
            estimator(RECIPE, run).setWorkers(2).setLocalSteps(4).fit(spark, data);
        }
        estimator(RECIPE, "together").setWorkers(2).fit(spark, data);
        assertSame("local1", "local2", 0);
        assertThrows(AssertionError.class, () -> assertSame("together", "local1", 1e-6f));
        assertSame("together", "local1", 0.1f);
    }

    /** A task that ends the process of worker 1 at the beginning of epoch 2, once. */
    private static Task killing(Task task, Path run) {
        return proxy(
                Task.class,
                task,
                (name, args, result) ->
                        name.equals("trainingBatches")
                                ? proxy(
                                        BatchSource.class,
                                        (BatchSource) result,
                                        (call, values, epoch) -> {
                                            if (call.equals("epoch")) {
                                                kill(run, (Integer) values[0]);
                                            }
                                            return epoch;
                                        })
                                : result);
    }

    /** Notes the epoch; the first time in epoch 2 it waits for the checkpoint, and ends. */
    private static void kill(Path run, int epoch) {
        if (TaskContext.getPartitionId() != 1) {
            return;
        }
        Path log = run.resolveSibling("epochs");
        try {
            boolean first = !Files.exists(log) || !Files.readString(log).contains("2");
            Files.writeString(log, epoch + "\n", CREATE, APPEND);
            if (epoch == 2 && first) {
                while (!Files.exists(new RunFolder(run).checkpoint())) {
                    Thread.sleep(10);
                }
                Runtime.getRuntime().halt(1);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface After {
        Object result(String method, Object[] args, Object result);
    }

    private static <T> T proxy(Class<T> type, T target, After after) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, args) -> {
                            try {
                                return after.result(
                                        method.getName(), args, method.invoke(target, args));
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        }));
    }

    /** Whatever the partitions of the DataFrame. */
    @Test
    void dataFrameTrains() {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            float[] x = point(i);
            rows.add(RowFactory.create(x[0], new Float[] {x[1], x[2]}, label(x)));
        }
        StructType schema =
                new StructType()
                        .add("a", DataTypes.FloatType)
                        .add("b", DataTypes.createArrayType(DataTypes.FloatType))
                        .add("label", DataTypes.IntegerType);
        Dataset<Row> frame = spark.createDataFrame(rows, schema);
        ResiduumModel model =
                estimator(RECIPE, "frame2")
                        .setWorkers(2)
                        .setInputCols("a", "b")
                        .fit(frame.repartition(3));
        estimator(RECIPE.with().batch(2 * BATCH).build(), "frame1")
                .setInputCols("a", "b")
                .fit(frame.repartition(1));
        assertSame("frame1", "frame2", 1e-5f);
        assertEquals(SAMPLES, model.transform(frame).count());
        Dataset<Row> texts = frame.withColumn("label", frame.col("label").cast("string"));
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> estimator(RECIPE, "texts").setInputCols("a", "b").fit(texts));
        assertTrue(e.getMessage().contains("label is string"), e.getMessage());
    }
}
