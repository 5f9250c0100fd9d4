package io.residuum.examples.cli.convert;

import io.residuum.files.AtomicFiles;
import io.residuum.files.FolderLock;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.model.ClassActivation;
import io.residuum.model.ModelSource;
import io.residuum.spec.InputSpec;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import io.residuum.vision.image.Pictures;
import io.residuum.vision.train.ImageInputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A folder that DJL's model zoo and DJL Serving load without further settings: the model, the
 * preprocessing of images, the postprocessing of logits, and the class names.
 */
final class ServingFolder {
    private static final String MODEL = "model";
    private static final String CLASSIFIER =
            "ai.djl.modality.cv.translator.ImageClassificationTranslatorFactory";
    private static final String TENSORS = "ai.djl.translate.NoopServingTranslatorFactory";
    private static final int TOP = 5;

    /** Networks up to this size are for data sets of images of exactly that size: no margin. */
    private static final int SMALL = 64;

    private final Graph graph;
    private final Map<String, String> properties;
    private final List<String> classes;

    private ServingFolder(Graph graph, Map<String, String> properties, List<String> classes) {
        this.graph = graph;
        this.properties = properties;
        this.classes = classes;
    }

    /**
     * {@return the folder of a network: an image classifier reads images, any other network
     * tensors}
     *
     * @param model the network
     */
    static ServingFolder of(ModelSource model, Graph graph) {
        Dims output = graph.outputs().get(0).shape();
        if (!(model.spec().input() instanceof InputSpec.Image)
                || output.dimension() != 2
                || ClassActivation.of(model.metadata()) != ClassActivation.SOFTMAX
                || graph.outputs().size() > 1) {
            return tensors(graph);
        }
        ImageShape shape = ImageInputs.shape(model.spec());
        if (shape.channels() != 1 && shape.channels() != 3) {
            return tensors(graph);
        }
        boolean colors = shape.channels() == 3;
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("translatorFactory", CLASSIFIER);
        properties.put("flag", colors ? "COLOR" : "GRAYSCALE");
        properties.put("width", Integer.toString(shape.width()));
        properties.put("height", Integer.toString(shape.height()));
        if (shape.width() == shape.height()) {
            double margin = shape.width() <= SMALL ? 1 : Pictures.MARGIN;
            properties.put("resizeShort", Long.toString(Math.round(margin * shape.width())));
            properties.put("centerCrop", "true");
        } else {
            properties.put("resize", "true");
        }
        properties.put("toTensor", "true");
        Optional<Normalize> normalize = ImageInputs.normalization(model.spec());
        if (colors) {
            normalize.ifPresent(n -> properties.put("normalize", numbers(n)));
        }
        properties.put("applySoftmax", "true");
        int count = Math.toIntExact(output.get(1).value());
        properties.put("topK", Integer.toString(Math.min(TOP, count)));
        // DJL can normalize only three channels.
        Graph served = colors || normalize.isEmpty() ? graph : normalized(graph, normalize.get());
        return new ServingFolder(served, properties, model.metadata().classNames(count));
    }

    private static ServingFolder tensors(Graph graph) {
        return new ServingFolder(graph, Map.of("translatorFactory", TENSORS), List.of());
    }

    /** {@return the graph with the normalization of one channel as its first operations} */
    private static Graph normalized(Graph graph, Normalize normalize) {
        return graph.map(
                node ->
                        node.operation() instanceof Leaf.Input
                                ? scalar(
                                        Arithmetic.DIVIDE,
                                        scalar(Arithmetic.SUBTRACT, node, normalize.mean().get(0)),
                                        normalize.std().get(0))
                                : node);
    }

    private static Node scalar(Arithmetic arithmetic, Node x, double value) {
        Operation operation = new Operation.Scalar(arithmetic, value);
        return new Node(operation, List.of(x), x.shape(), x.type(), x.layer());
    }

    private static String numbers(Normalize normalize) {
        return Stream.concat(normalize.mean().stream(), normalize.std().stream())
                .map(String::valueOf)
                .collect(Collectors.joining(","));
    }

    /**
     * Writes the folder. Other files in it stay.
     *
     * @param format the format of the model
     * @param weights the values of a parameter or buffer in row-major order, by path
     * @param metadata the metadata of the model, by key
     * @param folder the folder, created if its parent exists
     * @param note receives a line if the folder cannot be locked
     * @return the written files
     * @throws IOException if a file cannot be written, or another process writes this folder
     */
    List<Path> write(
            ExportFormat format,
            Function<String, float[]> weights,
            Map<String, String> metadata,
            Path folder,
            Consumer<String> note)
            throws IOException {
        create(folder);
        try (FolderLock lock = FolderLock.acquire(folder, note)) {
            return write(format, weights, metadata, folder);
        }
    }

    private List<Path> write(
            ExportFormat format,
            Function<String, float[]> weights,
            Map<String, String> metadata,
            Path folder)
            throws IOException {
        ExportFormat.Content content = new ExportFormat.Content(graph, weights, metadata);
        Path model = folder.resolve(MODEL + format.suffix());
        List<Path> written = new ArrayList<>(format.write(content, model));
        if (!classes.isEmpty()) {
            written.add(lines(folder.resolve("synset.txt"), classes));
        }
        Map<String, String> all = new LinkedHashMap<>();
        all.put("engine", format.engine());
        // The name does not depend on the folder's.
        all.put("option.modelName", MODEL);
        all.putAll(properties);
        List<String> lines =
                all.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
        written.add(lines(folder.resolve("serving.properties"), lines));
        return written;
    }

    private static void create(Path folder) throws IOException {
        Path parent = folder.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new IOException(
                    folder + ": the folder " + parent + " must exist; create it first");
        }
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new IOException(folder + ": --serving writes a folder, found a file; remove it");
        }
        Files.createDirectories(folder);
    }

    private static Path lines(Path file, List<String> lines) throws IOException {
        AtomicFiles.writeString(file, String.join("\n", lines) + "\n");
        return file;
    }
}
