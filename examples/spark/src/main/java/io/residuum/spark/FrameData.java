package io.residuum.spark;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.residuum.spec.Check;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.samples.ArraySamples;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.SampleTask;
import io.residuum.vision.predict.ImagePreprocessor;
import io.residuum.weights.SafetensorsWriter;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;

/**
 * The rows of a DataFrame as arrays in a file, which each executor copies to its disk. The rows are
 * in the order of their hashes, so that neither partitions nor retries change a training.
 *
 * @param file the file
 */
record FrameData(ShippedFile file) implements TaskSource {
    private static final long serialVersionUID = 1L;

    /** A row as arrays; a class is a whole number. */
    private record Encoded(float[] values, double label, long hash) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /**
     * Encodes rows on the executors and writes them to a file on the driver.
     *
     * @param columns the columns of the network's input
     * @param label the column of the classes or numbers to learn
     * @param spec the network
     * @param file a safetensors file to write
     */
    static void write(
            Dataset<?> rows, List<String> columns, String label, ModelSpec spec, Path file) {
        Check.that(
                !(spec.input() instanceof InputSpec.Tokens),
                "training on a DataFrame needs a network that reads images or numbers, but %s reads"
                        + " tokens: open the texts by a TaskSource",
                spec.name());
        String json = SpecJson.standard().write(spec);
        List<Encoded> all =
                new ArrayList<>(
                        rows.toDF()
                                .toJavaRDD()
                                .mapPartitions(some -> encoded(some, columns, label, json))
                                .collect());
        Check.that(!all.isEmpty(), "a DataFrame to train on must have rows, found none");
        all.sort(Comparator.comparingLong(Encoded::hash));
        int width = all.get(0).values.length;
        float[] values = new float[Math.multiplyExact(all.size(), width)];
        for (int i = 0; i < all.size(); i++) {
            System.arraycopy(all.get(i).values, 0, values, i * width, width);
        }
        long[] shape = spec.input().batchShape().getShape().clone();
        shape[0] = all.size();
        String target = spec.newBlock().outputNames().get(0);
        SafetensorsWriter writer =
                new SafetensorsWriter().add(spec.input().all().get(0).name(), shape, values);
        if (isWhole(rows.schema().apply(label).dataType())) {
            writer.add(
                    target,
                    new long[] {all.size()},
                    all.stream().mapToLong(row -> (long) row.label).toArray());
        } else {
            float[] numbers = new float[all.size()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (float) all.get(i).label;
            }
            writer.add(target, new long[] {all.size(), 1}, numbers);
        }
        writer.write(file);
    }

    private static boolean isWhole(DataType type) {
        return type instanceof IntegerType
                || type instanceof LongType
                || type instanceof ShortType
                || type instanceof ByteType;
    }

    private static Iterator<Encoded> encoded(
            Iterator<Row> rows, List<String> columns, String label, String json) {
        ModelSpec spec = SpecJson.standard().parse(json, "the spec", ModelSpec.class);
        RowReader<float[]> reader =
                spec.input() instanceof InputSpec.Image
                        ? new RowReader.Pictures(new ImagePreprocessor(spec))
                        : new RowReader.Numbers(spec.input().batchShape());
        List<Encoded> encoded = new ArrayList<>();
        while (rows.hasNext()) {
            Row row = rows.next();
            float[] values = reader.read(row, columns.stream().mapToInt(row::fieldIndex).toArray());
            double wanted = ((Number) RowReader.value(row, row.fieldIndex(label))).doubleValue();
            Hasher hasher = Hashing.murmur3_128().newHasher().putDouble(wanted);
            for (float value : values) {
                hasher.putFloat(value);
            }
            encoded.add(new Encoded(values, wanted, hasher.hash().asLong()));
        }
        return encoded.iterator();
    }

    @Override
    public Task open(ModelSpec spec, Recipe recipe) {
        return SampleTask.on(
                SampleSplits.holdingOut(
                        "a DataFrame",
                        ArraySamples.open(spec, file.local()),
                        Optional.empty(),
                        recipe.validation()));
    }
}
