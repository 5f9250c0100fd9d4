package io.residuum.spark;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import io.residuum.model.ModelSource;
import io.residuum.spec.SpecException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.SparkSession;

/**
 * A saved model on the driver, ready for executors. Its name among the files of the application
 * comes from its content, so that an executor fetches and opens equal models once.
 *
 * @param file a file with spec, weights, class names and tokenizer
 * @param source the same file, opened as a model
 */
record ShippedModel(Path file, ModelSource source) {
    /** Copies by the hash of their content: Spark refuses two files of one name. */
    private static final ConcurrentMap<String, Path> COPIES = new ConcurrentHashMap<>();

    /**
     * Finds a model.
     *
     * @param model a saved model or the folder of a run; a URI such as {@code hdfs://...} is read
     *     by Hadoop
     * @throws SpecException if there is none, or it is not saved with its weights
     */
    static ShippedModel find(String model, SparkSession spark) {
        try {
            Path local = model.contains(":/") ? fetched(model, spark) : saved(model);
            String hash = MoreFiles.asByteSource(local).hash(Hashing.sha256()).toString();
            Path copy = COPIES.computeIfAbsent(hash, key -> copied(local, key));
            return new ShippedModel(copy, ModelSource.of(copy));
        } catch (IOException e) {
            throw new UncheckedIOException(model + ": the model cannot be read: " + e, e);
        }
    }

    private static Path saved(String model) {
        return ModelSource.of(model)
                .weights()
                .filter(file -> file.toString().endsWith(".safetensors"))
                .orElseThrow(
                        () ->
                                new SpecException(
                                        "a model for executors must be saved with its weights, but "
                                                + model
                                                + " has none: train it, or import weights (residuum"
                                                + " import)"));
    }

    /** Copies a model from a file system of Hadoop. The folder of a run stands for its model. */
    private static Path fetched(String uri, SparkSession spark) throws IOException {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(uri);
        FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
        if (files.getFileStatus(path).isDirectory()) {
            path = new org.apache.hadoop.fs.Path(path, "model.safetensors");
        }
        Path local = temporary().resolve("model.safetensors");
        files.copyToLocalFile(false, path, new org.apache.hadoop.fs.Path(local.toUri()), true);
        return local;
    }

    private static Path copied(Path file, String hash) {
        try {
            Path copy = temporary().resolve("residuum-" + hash.substring(0, 32) + ".safetensors");
            Files.copy(file, copy);
            copy.toFile().deleteOnExit();
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": the model cannot be copied: " + e, e);
        }
    }

    private static Path temporary() throws IOException {
        Path folder = Files.createTempDirectory("residuum-spark");
        folder.toFile().deleteOnExit();
        return folder;
    }

    /** Makes the model available to executors, and returns its name there. */
    String ship(SparkSession spark) {
        spark.sparkContext().addFile(file.toString());
        return file.getFileName().toString();
    }
}
