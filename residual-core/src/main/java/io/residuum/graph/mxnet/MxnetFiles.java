package io.residuum.graph.mxnet;

import ai.djl.ndarray.NDArray;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Networks in MXNet's own two files, a symbol and its parameters, as MXNet, and DJL on MXNet, load
 * them without further code.
 */
public final class MxnetFiles {
    private MxnetFiles() {}

    /**
     * Writes {@code NAME-symbol.json} and {@code NAME-0000.params}, each moved into place when it
     * is complete. DJL may fuse what it loads: {@code model.load(folder, name,
     * Map.of("MxOptimizeFor", "MKLDNN"))}.
     *
     * @param graph a graph for inference
     * @param weights an array, of any engine, for each of {@link Graph#weights}, by path
     * @param prepared an array for each {@link Operation.Prepared}, by index
     * @param folder an existing folder
     * @param name the files' common prefix
     * @throws IOException if a file cannot be written; one that was there then stays as it was
     * @throws IllegalArgumentException if the graph is one for training
     */
    public static void write(
            Graph graph,
            Map<String, NDArray> weights,
            List<NDArray> prepared,
            Path folder,
            String name)
            throws IOException {
        if (SymbolWriter.trains(graph) || !graph.draws().isEmpty()) {
            throw new IllegalArgumentException(
                    "a graph must be one for inference to be written for MXNet, got one for"
                            + " training: capture it without training");
        }
        // Without the sums that keep MXNet from fusing a loaded symbol.
        SymbolWriter.Written written = SymbolWriter.write(graph, true);
        Map<String, Node> parameters = new LinkedHashMap<>();
        written.variables()
                .forEach(
                        (variable, leaf) -> {
                            if (!(leaf.operation() instanceof Operation.Input)) {
                                boolean changes = written.auxiliary().contains(variable);
                                parameters.put((changes ? "aux:" : "arg:") + variable, leaf);
                            }
                        });
        ParamsWriter params = new ParamsWriter(parameters, weights, prepared);
        replace(folder.resolve(name + "-0000.params"), params::write);
        replace(
                folder.resolve(name + "-symbol.json"),
                out -> out.write(written.json().getBytes(StandardCharsets.UTF_8)));
    }

    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private static void replace(Path file, Content content) throws IOException {
        long unique = ThreadLocalRandom.current().nextLong();
        Path temporary = file.resolveSibling(".residuum-%016x.tmp".formatted(unique));
        try {
            try (OutputStream out =
                    new BufferedOutputStream(
                            Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW))) {
                content.writeTo(out);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
