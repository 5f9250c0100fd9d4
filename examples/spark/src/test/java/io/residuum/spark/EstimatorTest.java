package io.residuum.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.BatchSource;
import io.residuum.train.Recipe;
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

    private static Task points() {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            float[] x = point(i);
            samples.add(Sample.of(Tensor.numbers(x), Tensor.label(label(x))));
        }
        return SampleTask.on(
                SampleSplits.holdingOut("points", Samples.of(samples), Optional.empty(), 0));
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
    void killedExecutorResumesToTheSameResult() {
        estimator(RECIPE, "whole").setWorkers(2).fit(spark, (network, settings) -> points());
        String marker = folder.resolve("killed").toString();
        estimator(RECIPE, "killed-run")
                .setWorkers(2)
                .fit(spark, (network, settings) -> killing(points(), Path.of(marker)));
        assertTrue(Files.exists(Path.of(marker)));
        assertSame("whole", "killed-run", 0);
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
    private static Task killing(Task task, Path marker) {
        return proxy(
                Task.class,
                task,
                (name, args, result) ->
                        name.equals("feed")
                                ? proxy(
                                        BatchSource.class,
                                        (BatchSource) result,
                                        (call, values, epoch) -> {
                                            if (call.equals("epoch") && values[0].equals(2)) {
                                                kill(marker);
                                            }
                                            return epoch;
                                        })
                                : result);
    }

    private static void kill(Path marker) {
        try {
            if (TaskContext.getPartitionId() == 1 && !Files.exists(marker)) {
                Files.createFile(marker);
                Runtime.getRuntime().halt(1);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
    }
}
