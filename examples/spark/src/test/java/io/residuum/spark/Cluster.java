package io.residuum.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** One cluster for all tests: two executors, each a process of its own with one core. */
final class Cluster implements BeforeAllCallback {

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(Namespace.GLOBAL)
                .computeIfAbsent(SparkSession.class, key -> started(2), SparkSession.class);
    }

    static SparkSession session() {
        return SparkSession.active();
    }

    /** Starts executors with the class path of this process, and an empty home of Spark. */
    static SparkSession started(int executors) {
        Path home = Path.of(System.getenv("SPARK_HOME"));
        try {
            Files.createDirectories(home.resolve("jars"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SparkSession session =
                SparkSession.builder()
                        .master("local-cluster[" + executors + ",1,2048]")
                        .appName("residuum")
                        .config("spark.ui.enabled", false)
                        .config("spark.sql.shuffle.partitions", 2)
                        .config("spark.executor.memory", "1g")
                        .config("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s")
                        .config(
                                "spark.executor.extraClassPath",
                                System.getProperty("java.class.path"))
                        .config(
                                "spark.executor.extraJavaOptions",
                                "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
                                        + System.getProperty("spark.opens", ""))
                        .config("spark.executorEnv.OMP_NUM_THREADS", "1")
                        .config("spark.executorEnv.OPT_OUT_TRACKING", "true")
                        .config(
                                "spark.sql.warehouse.dir",
                                home.resolve("warehouse").toUri().toString())
                        .getOrCreate();
        session.sparkContext().setLogLevel("ERROR");
        return session;
    }
}
