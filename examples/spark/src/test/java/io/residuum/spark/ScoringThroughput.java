package io.residuum.spark;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Measures images a second of one and of two executors with one core each; docs/benchmarks/spark.sh
 * runs it.
 */
public final class ScoringThroughput {
    private static final int ROUNDS = 5;

    private ScoringThroughput() {}

    public static void main(String[] args) throws IOException {
        String preset = args[0];
        int images = Integer.parseInt(args[1]);
        Path model = Files.createTempDirectory("residuum").resolve("model.safetensors");
        try (Backend backend = Backend.open(EngineChoice.PYTORCH, DeviceChoice.CPU);
                Network network = Network.create(ModelSource.of(preset).spec(), backend, 1)) {
            network.save(model);
        }
        double one = perSecond(1, model, images);
        double two = perSecond(2, model, images);
        System.out.printf(
                "%s: %.0f images/s with 1 executor, %.0f with 2, ratio %.2f%n",
                preset, one, two, two / one);
    }

    private static double perSecond(int executors, Path model, int images) throws IOException {
        SparkSession spark = Cluster.started(executors);
        Dataset<Row> pictures = pictures(spark, images).cache();
        ResiduumModel scoring = new ResiduumModel(model.toString()).setEngine("pytorch");
        List<Double> seconds = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) {
            long start = System.nanoTime();
            scoring.transform(pictures).selectExpr("sum(prediction.index)").collect();
            seconds.add((System.nanoTime() - start) / 1e9);
        }
        spark.stop();
        // The first round opens the model.
        return images / seconds.subList(1, ROUNDS + 1).stream().sorted().toList().get(ROUNDS / 2);
    }

    private static Dataset<Row> pictures(SparkSession spark, int images) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        byte[] picture = ScoringTest.picture(random, 32, 32);
        List<Row> rows =
                IntStream.range(0, images).mapToObj(i -> RowFactory.create(i, picture)).toList();
        StructType schema =
                new StructType()
                        .add("id", DataTypes.IntegerType)
                        .add("content", DataTypes.BinaryType);
        return spark.createDataFrame(rows, schema).repartition(8);
    }
}
