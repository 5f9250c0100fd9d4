package io.residuum.spark;

import io.residuum.data.DataException;
import io.residuum.model.ModelFiles;
import io.residuum.model.ModelSource;
import io.residuum.spec.SpecException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.SparkSession;

/**
 * A saved model on the driver, ready for executors.
 *
 * @param file a file with spec, weights, class names and tokenizer
 * @param source the same file, opened as a model
 * @param shipped the same file, for executors
 */
record ShippedModel(Path file, ModelSource source, ShippedFile shipped) {
    /** A drive of Windows has one letter. */
    private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*");

    /**
     * Finds a model.
     *
     * @param model a saved model or the folder of a run; Hadoop reads a URI such as {@code
     *     hdfs://...}
     * @throws SpecException if there is none, or it is not saved with its weights
     */
    static ShippedModel find(String model, SparkSession spark) {
        Path file = URI.matcher(model).matches() ? fetched(model, spark) : saved(model);
        return new ShippedModel(file, ModelSource.of(file), ShippedFile.of(spark, file));
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
    private static Path fetched(String uri, SparkSession spark) {
        try {
            var path = new org.apache.hadoop.fs.Path(uri);
            FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
            if (files.getFileStatus(path).isDirectory()) {
                path = new org.apache.hadoop.fs.Path(path, ModelFiles.RUN_MODEL);
            }
            Path local = ShippedFile.temporary("residuum-model").resolve(ModelFiles.RUN_MODEL);
            local.toFile().deleteOnExit();
            files.copyToLocalFile(false, path, new org.apache.hadoop.fs.Path(local.toUri()), true);
            return local;
        } catch (IOException e) {
            throw new DataException(uri + ": the model cannot be read: " + e.getMessage(), e);
        }
    }
}
