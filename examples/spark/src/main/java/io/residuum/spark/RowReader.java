package io.residuum.spark;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.train.TextEncoder;
import io.residuum.vision.image.PictureReader;
import io.residuum.vision.predict.ImageInput;
import io.residuum.vision.predict.ImagePreprocessor;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import scala.collection.Iterable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Reads rows and makes the inputs of a forward pass of them. Reading checks a row by itself, so
 * that one that cannot be read does not fail its batch.
 *
 * @param <T> a row that was read
 */
interface RowReader<T> {

    /**
     * Reads the columns of a row.
     *
     * @param at the indices of the columns
     * @throws DataException if a value does not fit the network
     */
    T read(Row row, int[] at);

    /** {@return this reader, with a prompt before each text} */
    default RowReader<T> prompted(String prompt) {
        return this;
    }

    /** Creates the inputs of a forward pass. */
    NDList inputs(NDManager manager, List<T> rows);

    /** {@return the reader for the input of a network} */
    static RowReader<?> of(Network network, Optional<Tokenizer> tokenizer) {
        ModelSpec spec = network.spec();
        if (spec.input() instanceof InputSpec.Image) {
            return new Pictures(new ImagePreprocessor(spec));
        }
        if (spec.input() instanceof InputSpec.Tokens) {
            return new Texts(TextEncoder.of(network, tokenizer.orElseThrow()), "");
        }
        return new Numbers(spec.input().batchShape());
    }

    /** {@return the value of a column} */
    static Object value(Row row, int at) {
        Object value = row.get(at);
        if (value == null) {
            throw new DataException("the column must have a value, found null: filter such rows");
        }
        return value;
    }

    /** Pictures: the content of picture files, or images of Spark's image source. */
    record Pictures(ImagePreprocessor preprocessor) implements RowReader<float[]> {
        @Override
        public float[] read(Row row, int[] at) {
            Object value = value(row, at[0]);
            ImageInput image =
                    value instanceof byte[] encoded
                            ? ImageInput.of(encoded, "the picture", PictureReader.DEFAULT)
                            : ImageInput.of(SparkImages.decoded((Row) value));
            return preprocessor.read(List.of(image));
        }

        @Override
        public NDList inputs(NDManager manager, List<float[]> rows) {
            return new NDList(
                    Values.create(
                            manager,
                            joined(rows),
                            preprocessor.batchShape(rows.size()),
                            DataType.FLOAT32));
        }
    }

    /** Texts after a prompt, cut to the length of the network. */
    record Texts(TextEncoder encoder, String prompt) implements RowReader<String> {
        @Override
        public RowReader<String> prompted(String other) {
            return new Texts(encoder, other);
        }

        @Override
        public String read(Row row, int[] at) {
            return prompt + value(row, at[0]);
        }

        @Override
        public NDList inputs(NDManager manager, List<String> rows) {
            return encoder.inputs(manager, rows);
        }
    }

    /** Columns of numbers, arrays and vectors, joined in order. */
    record Numbers(Shape shape) implements RowReader<float[]> {
        @Override
        public float[] read(Row row, int[] at) {
            int size = Math.toIntExact(shape.slice(1).size());
            float[] values = new float[size];
            int count = 0;
            for (int column : at) {
                for (double number : numbers(value(row, column))) {
                    if (Double.isNaN(number)) {
                        throw new DataException("the columns must hold numbers, found null or NaN");
                    }
                    if (count < size) {
                        values[count] = (float) number;
                    }
                    count++;
                }
            }
            if (count != size) {
                throw new DataException(
                        "the columns must hold the %d numbers that the network reads, found %d"
                                .formatted(size, count));
            }
            return values;
        }

        private static double[] numbers(Object value) {
            if (value instanceof Vector vector) {
                return vector.toArray();
            }
            return value instanceof Iterable<?> array
                    ? CollectionConverters.asJavaCollection(array).stream()
                            .mapToDouble(Numbers::number)
                            .toArray()
                    : new double[] {number(value)};
        }

        private static double number(@Nullable Object value) {
            if (value instanceof Boolean truth) {
                return truth ? 1 : 0;
            }
            return value instanceof Number number ? number.doubleValue() : Double.NaN;
        }

        @Override
        public NDList inputs(NDManager manager, List<float[]> rows) {
            long[] dims = shape.getShape().clone();
            dims[0] = rows.size();
            return new NDList(
                    Values.create(manager, joined(rows), new Shape(dims), DataType.FLOAT32));
        }
    }

    private static float[] joined(List<float[]> rows) {
        int width = rows.get(0).length;
        float[] all = new float[Math.multiplyExact(rows.size(), width)];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, all, i * width, width);
        }
        return all;
    }
}
