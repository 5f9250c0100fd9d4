package io.residuum.examples.cli;

import io.residuum.graph.Graph;
import io.residuum.graph.onnx.OnnxWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** What a network's graph can be written as. */
enum ExportFormat {
    /** A model of ONNX. */
    ONNX {
        @Override
        List<Path> write(
                Graph graph,
                Function<String, float[]> weights,
                Path file,
                Map<String, String> metadata)
                throws IOException {
            OnnxWriter.Options options = OnnxWriter.Options.standard().withMetadata(metadata);
            return OnnxWriter.write(graph, weights, file, options);
        }
    };

    /**
     * Writes a graph.
     *
     * @param graph as captured for inference
     * @param weights the values of a parameter or buffer in row-major order, by path
     * @param file where to
     * @param metadata what the file says of the model, by key
     * @return the files that were written
     */
    abstract List<Path> write(
            Graph graph, Function<String, float[]> weights, Path file, Map<String, String> metadata)
            throws IOException;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
