package io.residuum.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** One cluster for all tests: two executors, each a process of its own with one core. */
final class Cluster {
    private static SparkSession session;

    private Cluster() {}

    static synchronized SparkSession session() {
        if (session == null) {
            try {
                Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            session =
                    SparkSession.builder()
                            .master("local-cluster[2,1,2048]")
                            .appName("residuum")
                            .config("spark.ui.enabled", false)
                            .config("spark.sql.shuffle.partitions", 2)
                            .config("spark.executor.memory", "1g")
                            .config(
                                    "spark.executor.extraClassPath",
                                    System.getProperty("java.class.path"))
                            .config(
                                    "spark.executor.extraJavaOptions",
                                    System.getProperty("spark.opens"))
                            .config("spark.executorEnv.OMP_NUM_THREADS", "1")
                            .config("spark.executorEnv.OPT_OUT_TRACKING", "true")
                            .config(
                                    "spark.sql.warehouse.dir",
                                    Path.of(System.getenv("SPARK_HOME"), "warehouse")
                                            .toUri()
                                            .toString())
                            .getOrCreate();
            session.sparkContext().setLogLevel("WARN");
        }
        return session;
    }
}
