package io.residuum.emit.mxnet;

import ai.djl.ndarray.NDArray;
import io.residuum.files.AtomicFiles;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes networks in MXNet's format, a symbol file and a parameter file. MXNet, and DJL on MXNet,
 * load them without further code.
 */
public final class MxnetFiles {
    private MxnetFiles() {}

    /**
     * Writes {@code NAME-symbol.json} and {@code NAME-0000.params}, each atomically. DJL can fuse
     * the loaded symbol: {@code model.load(folder, name, Map.of("MxOptimizeFor", "MKLDNN"))}.
     *
     * @param graph a graph captured for inference
     * @param weights an array of any engine for each of {@link Graph#weights}, by path
     * @param prepared an array for each {@link Leaf.Prepared}, by index
     * @param folder an existing folder
     * @param name the files' common prefix
     * @throws IOException if a file cannot be written; an existing file then stays unchanged
     * @throws IllegalArgumentException if the graph was captured for training
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
                    "an MXNet file needs a graph captured for inference, got one for training:"
                            + " capture with training false");
        }
        // Fused: the plain symbol contains sums that MXNet cannot fuse after loading.
        SymbolWriter.Written written = SymbolWriter.write(graph, true);
        Map<String, Node> parameters = new LinkedHashMap<>();
        written.variables()
                .forEach(
                        (variable, leaf) -> {
                            if (!(leaf.operation() instanceof Leaf.Input)) {
                                boolean changes = written.auxiliary().contains(variable);
                                parameters.put((changes ? "aux:" : "arg:") + variable, leaf);
                            }
                        });
        ParamsWriter params = new ParamsWriter(parameters, weights, prepared);
        byte[] json = written.json().getBytes(StandardCharsets.UTF_8);
        AtomicFiles.writeTogether(
                List.of(
                        new AtomicFiles.Part(folder.resolve(name + "-0000.params"), params::write),
                        new AtomicFiles.Part(
                                folder.resolve(name + "-symbol.json"), out -> out.write(json))));
    }
}
