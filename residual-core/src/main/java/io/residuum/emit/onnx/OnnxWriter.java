package io.residuum.emit.onnx;

import io.residuum.graph.Graph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Writes a graph as an ONNX file (opset 17), for onnxruntime and whatever else reads the format.
 *
 * <p>The inputs have their names in the graph, and the result is {@value #OUTPUT}. What is free is
 * a dynamic axis named {@code batch}, {@code length}, {@code height}, {@code width}. Parameters and
 * buffers are float32 and have their dotted paths for names; a matrix that only products of
 * sequences read is stored transposed, as the format's product wants it. Nothing is folded:
 * runtimes do that when they load the file.
 */
public final class OnnxWriter {
    /** The name of a graph's result; those of further ones are {@code output2}, ... */
    public static final String OUTPUT = "output";

    private OnnxWriter() {}

    /**
     * Options of a file.
     *
     * @param metadata what the file says of the model as a whole, by key
     * @param limit the most bytes of a file that holds everything; a longer model has its weights
     *     in a second file, named like the first with {@code .data} behind it
     */
    public record Options(Map<String, String> metadata, long limit) {
        /** The most that readers of the format take. */
        private static final long MOST = Integer.MAX_VALUE;

        public Options {
            metadata = Map.copyOf(metadata);
            if (limit < 0 || limit > MOST) {
                throw new IllegalArgumentException(
                        "limit must be in [0, %d] bytes, got %d".formatted(MOST, limit));
            }
        }

        /**
         * No metadata, and one file as long as the format allows: 2 GiB.
         *
         * @return these options
         */
        public static Options standard() {
            return new Options(Map.of(), MOST);
        }

        /**
         * Returns these options with other metadata.
         *
         * @param pairs what the file says of the model
         * @return new options
         */
        public Options withMetadata(Map<String, String> pairs) {
            return new Options(pairs, limit);
        }

        /**
         * Returns these options with another limit.
         *
         * @param bytes the most bytes of a file that holds everything; 0 for always two files
         * @return new options
         */
        public Options withLimit(long bytes) {
            return new Options(metadata, bytes);
        }
    }

    /**
     * Writes a graph. Of the weights no more than one is in memory at a time; both files are there
     * whole or not at all.
     *
     * @param graph as captured for inference
     * @param weights the values of a parameter or buffer in row-major order, by path
     * @param file the file to write, in a folder that exists
     * @param options how
     * @return the files that were written: the model and, where it has one, that of its weights
     * @throws IllegalArgumentException if the graph is one of training or has been prepared, or a
     *     weight has another number of values
     * @throws IOException if a file cannot be written, with a message of one line that names it
     */
    public static List<Path> write(
            Graph graph, Function<String, float[]> weights, Path file, Options options)
            throws IOException {
        List<String> outputs = new ArrayList<>();
        for (int i = 1; i <= graph.outputs().size(); i++) {
            outputs.add(i == 1 ? OUTPUT : OUTPUT + i);
        }
        return new OnnxFile(OnnxTranslation.of(graph, outputs), weights, options).write(file);
    }
}
