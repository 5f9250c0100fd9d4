package io.residuum.examples.cli.convert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.emit.mxnet.MxnetFiles;
import io.residuum.emit.mxnet.MxnetTarget;
import io.residuum.emit.onnx.OnnxWriter;
import io.residuum.emit.torch.TorchExport;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.rewrite.RecognizeActivations;
import io.residuum.graph.rewrite.RecognizeAttention;
import io.residuum.model.ModelMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** The formats of exported graphs. */
enum ExportFormat {
    ONNX("OnnxRuntime", ".onnx") {
        @Override
        List<Path> write(Content content, Path file) throws IOException {
            OnnxWriter.Options options =
                    OnnxWriter.Options.standard()
                            .withMetadata(content.metadata())
                            .withQuantized(
                                    new ModelMetadata(content.metadata()).quantization().formats());
            return OnnxWriter.write(content.graph(), content.weights(), file, options);
        }
    },

    /** A TorchScript module, with PyTorch's fused operations for attention and activations. */
    TORCHSCRIPT("PyTorch", ".pt") {
        @Override
        List<Path> write(Content content, Path file) {
            Graph graph =
                    new RecognizeAttention()
                            .apply(new RecognizeActivations().apply(content.graph()));
            try (Backend backend = openForArrays()) {
                TorchExport.write(
                        graph,
                        content.arrays(backend.manager()),
                        List.of(),
                        file,
                        content.metadata());
            }
            return List.of(file);
        }
    },

    /** An MXNet symbol and its parameters: two files with a common prefix, without metadata. */
    MXNET("MXNet", "") {
        @Override
        List<Path> write(Content content, Path prefix) throws IOException {
            Path folder = Objects.requireNonNull(prefix.toAbsolutePath().getParent());
            String name = prefix.getFileName().toString();
            try (Backend backend = openForArrays()) {
                MxnetFiles.write(
                        content.graph(),
                        content.arrays(backend.manager()),
                        List.of(),
                        folder,
                        name);
            }
            return List.of(
                    prefix.resolveSibling(name + "-symbol.json"),
                    prefix.resolveSibling(name + "-0000.params"));
        }

        @Override
        boolean supportsDynamicSizes(Graph graph) {
            return new MxnetTarget().servesAnySize(graph);
        }

        @Override
        Optional<String> brokenNameRule(Path prefix) {
            String name = prefix.getFileName().toString();
            return OTHERS.stream().anyMatch(name::endsWith)
                    ? Optional.of("be the prefix of two files, without \"-symbol.json\"")
                    : Optional.empty();
        }
    };

    /**
     * A network to export.
     *
     * @param graph the graph, captured for inference
     * @param weights the values of a parameter or buffer in row-major order, by path
     * @param metadata the metadata of the model, by key
     */
    record Content(Graph graph, Function<String, float[]> weights, Map<String, String> metadata) {

        private Map<String, NDArray> arrays(NDManager manager) {
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            for (Node node : graph.nodes()) {
                if (node.operation() instanceof Leaf.Weight weight) {
                    arrays.computeIfAbsent(
                            weight.path(),
                            path ->
                                    Values.create(
                                            manager,
                                            weights.apply(path),
                                            node.shape().fixed(),
                                            node.type()));
                }
            }
            return arrays;
        }
    }

    /** The ends of names of other formats, and of MXNet's own two files. */
    private static final List<String> OTHERS =
            List.of(".json", ".params", ".onnx", ".pt", ".pth", ".safetensors", ".zip");

    private final String engine;
    private final String suffix;

    ExportFormat(String engine, String suffix) {
        this.engine = engine;
        this.suffix = suffix;
    }

    /** {@return DJL's name of the engine that runs the format} */
    String engine() {
        return engine;
    }

    /** {@return the end of a file's name that DJL looks for; empty for MXNet's prefix} */
    String suffix() {
        return suffix;
    }

    /** {@return the rule that a file's name breaks, if any: readers find a file by its suffix} */
    Optional<String> brokenNameRule(Path file) {
        return file.toString().endsWith(suffix)
                ? Optional.empty()
                : Optional.of("end with \"" + suffix + "\"");
    }

    /** {@return true if the dynamic sizes of the graph can be dynamic in the file} */
    boolean supportsDynamicSizes(Graph graph) {
        return true;
    }

    /**
     * Writes a network.
     *
     * @param content the network
     * @param file the file to write; for MXNet the common prefix of the files
     * @return the written files
     */
    abstract List<Path> write(Content content, Path file) throws IOException;

    /** Arrays of any engine work here, so that no second engine is loaded. */
    private static Backend openForArrays() {
        return Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
