package io.residuum.transformer.predict;

import com.google.common.primitives.Floats;
import io.residuum.data.DataException;
import io.residuum.metric.Cosine;
import io.residuum.spec.Check;
import io.residuum.train.rows.RowPredictions;
import io.residuum.weights.SafetensorsWriter;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Vectors of texts, in the order of the texts.
 *
 * @param width the length of a vector
 * @param values the vectors one after the other
 */
public record Embeddings(int width, float[] values) {

    /** The name of the tensor in a safetensors file. */
    public static final String TENSOR = "embeddings";

    private static final String TEXT = "text";

    /**
     * A vector found by a search.
     *
     * @param index its index, from 0
     * @param score the cosine between it and the query, in [-1, 1]
     */
    public record Match(int index, double score) {}

    /** Checks that the values are whole vectors. */
    public Embeddings {
        Check.positive("width", width);
        Check.that(
                values.length % width == 0,
                "the number of values must be a multiple of the width %s, got %s",
                width,
                values.length);
    }

    /**
     * {@return vectors of equal length}
     *
     * @param vectors the vectors, at least one
     */
    public static Embeddings of(List<float[]> vectors) {
        Check.that(!vectors.isEmpty(), "embeddings must have a vector, got none");
        int width = vectors.get(0).length;
        for (float[] vector : vectors) {
            Check.that(
                    vector.length == width,
                    "vectors must have equal lengths, got %s and %s",
                    width,
                    vector.length);
        }
        return new Embeddings(width, Floats.concat(vectors.toArray(new float[0][])));
    }

    /** {@return the number of vectors} */
    public int size() {
        return values.length / width;
    }

    /**
     * {@return a copy of a vector}
     *
     * @param index its index, from 0
     */
    public float[] get(int index) {
        return Arrays.copyOfRange(values, index * width, (index + 1) * width);
    }

    /**
     * {@return the cosine between two vectors, 0 if one of them is zero}
     *
     * @param a the index of one
     * @param b the index of the other
     */
    public double cosine(int a, int b) {
        return cosine(get(a), b);
    }

    /**
     * {@return the cosine between another vector and one of these, 0 if one of them is zero}
     *
     * @param vector a vector of the same width
     * @param index the index of the vector here
     */
    public double cosine(float[] vector, int index) {
        requireWidth(vector);
        return Cosine.between(vector, values, index * width);
    }

    private void requireWidth(float[] vector) {
        Check.that(
                vector.length == width,
                "a vector must have %s values as the others have, got %s",
                width,
                vector.length);
    }

    /**
     * Finds the vectors with the largest cosines to a query.
     *
     * @param query a vector of the same width
     * @param count the largest number of vectors to return, positive
     * @return the vectors, the best first; of equal ones the first
     */
    public List<Match> nearest(float[] query, int count) {
        Check.positive("count", count);
        requireWidth(query);
        Comparator<Match> order =
                Comparator.comparingDouble(Match::score)
                        .thenComparing(Comparator.comparingInt(Match::index).reversed());
        PriorityQueue<Match> best = new PriorityQueue<>(order);
        for (int i = 0; i < size(); i++) {
            best.add(new Match(i, cosine(query, i)));
            if (best.size() > count) {
                best.remove();
            }
        }
        return best.stream().sorted(order.reversed()).toList();
    }

    /**
     * Writes the vectors: safetensors with the tensor {@value #TENSOR} {@code (N, width)}, or CSV
     * or JSON lines with the texts.
     *
     * @param file a {@code .safetensors}, {@code .csv} or {@code .jsonl} file
     * @throws DataException if the file is of another kind or cannot be written
     */
    public void write(Path file, List<String> texts) {
        write(file, TEXT, texts);
    }

    /**
     * Writes the vectors with names in another column, as {@link #write(Path, List)}.
     *
     * @param file a {@code .safetensors}, {@code .csv} or {@code .jsonl} file
     * @param column the name of the column
     * @param names the names, one per vector
     * @throws DataException if the file is of another kind or cannot be written
     */
    public void write(Path file, String column, List<String> names) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".safetensors")) {
            new SafetensorsWriter().add(TENSOR, new long[] {size(), width}, values).write(file);
        } else {
            RowPredictions.write(rows(column, names), file);
        }
    }

    /**
     * {@return a row per text: the column {@code text}, then a column per value, named by its
     * index}
     *
     * @param texts the texts, one per vector
     */
    public List<Map<String, Object>> rows(List<String> texts) {
        return rows(TEXT, texts);
    }

    /**
     * {@return a row per vector: a column of names, then a column per value, named by its index}
     *
     * @param column the name of the column
     * @param names the names, one per vector
     */
    public List<Map<String, Object>> rows(String column, List<String> names) {
        Check.that(names.size() == size(), "names must be %s, got %s", size(), names.size());
        // A view, because a map of boxed numbers takes many times the memory of a vector.
        return new AbstractList<>() {
            @Override
            public Map<String, Object> get(int row) {
                Map<String, Object> columns = new LinkedHashMap<>();
                columns.put(column, names.get(row));
                for (int i = 0; i < width; i++) {
                    columns.put(Integer.toString(i), values[row * width + i]);
                }
                return columns;
            }

            @Override
            public int size() {
                return names.size();
            }
        };
    }
}
