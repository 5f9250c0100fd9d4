package io.residuum.emit.onnx;

import io.residuum.graph.Graph;
import io.residuum.graph.rewrite.ChannelGatesAsConvolutions;
import io.residuum.graph.rewrite.RecognizeActivations;
import io.residuum.weights.quantized.QuantizedFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Writes a graph as an ONNX file (opset 17), for onnxruntime and other readers of the format.
 *
 * <p>Inputs and outputs keep their names. Open sizes become dynamic axes named {@code batch},
 * {@code length}, {@code height} and {@code width}. Parameters and buffers are float32, named by
 * their dotted paths. A matrix that only linear layers on sequences read is stored transposed, as
 * ONNX's matrix product needs it. Nothing is folded unless weights are quantized: runtimes do that
 * when they load the file.
 */
public final class OnnxWriter {
    private OnnxWriter() {}

    /**
     * Options of a file.
     *
     * @param metadata entries about the model, by key
     * @param limit the largest size in bytes of a single file. A larger model stores its weights in
     *     a second file, named like the first plus {@code .data}
     * @param quantized the formats of weights to store as integers, by path
     */
    public record Options(
            Map<String, String> metadata, long limit, Map<String, QuantizedFormat> quantized) {
        /** The largest file that readers of the format accept. */
        private static final long MOST = Integer.MAX_VALUE;

        public Options {
            metadata = Map.copyOf(metadata);
            quantized = Map.copyOf(quantized);
            if (limit < 0 || limit > MOST) {
                throw new IllegalArgumentException(
                        "limit must be in [0, %d] bytes, got %d".formatted(MOST, limit));
            }
        }

        /** Returns options without metadata, with the format's largest single file: 2 GiB. */
        public static Options standard() {
            return new Options(Map.of(), MOST, Map.of());
        }

        /**
         * {@return these options with other metadata}
         *
         * @param pairs entries about the model, by key
         */
        public Options withMetadata(Map<String, String> pairs) {
            return new Options(pairs, limit, quantized);
        }

        /**
         * {@return these options with another limit}
         *
         * @param bytes the largest size of a single file; 0 for always two files
         */
        public Options withLimit(long bytes) {
            return new Options(metadata, bytes, quantized);
        }

        /**
         * {@return these options with weights as integers} Batch norms that the graph computes from
         * weights are folded into the integers. Four bits need onnxruntime.
         *
         * @param formats the formats by path; a weight that does not fit is stored as float32
         */
        public Options withQuantized(Map<String, QuantizedFormat> formats) {
            return new Options(metadata, limit, formats);
        }
    }

    /**
     * Writes a graph. Holds one weight in memory at a time, and writes both files atomically.
     *
     * @param graph a graph captured for inference
     * @param weights returns the values of a parameter or buffer in row-major order, by path
     * @param file the file to write, in an existing folder
     * @return the written files: the model and, if there is one, its weights
     * @throws IllegalArgumentException if the graph was captured for training or has prepared
     *     values, or a weight has another number of values
     * @throws IOException if a file cannot be written, with a one-line message that names it
     */
    public static List<Path> write(
            Graph graph, Function<String, float[]> weights, Path file, Options options)
            throws IOException {
        Graph recognized = new RecognizeActivations().apply(graph);
        try {
            Graph stored;
            Function<String, float[]> values = weights;
            if (options.quantized.isEmpty()) {
                stored = new ChannelGatesAsConvolutions().apply(recognized);
            } else {
                FoldedWeights folded = new FoldedWeights(recognized, weights);
                stored = folded.graph();
                values = folded::values;
            }
            OnnxWeights all = new OnnxWeights(stored, values, options.quantized);
            return new OnnxFile(new OnnxTranslation(stored, all), values, options).write(file);
        } catch (NoClassDefFoundError e) {
            throw new IOException(
                    file
                            + ": ONNX needs the library org.tribuo:tribuo-util-onnx on the class"
                            + " path; add it",
                    e);
        }
    }
}
