package io.residuum.model;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.collect.Sets;
import com.google.common.hash.Hashing;
import io.residuum.emit.Quantization;
import io.residuum.engine.Backend;
import io.residuum.engine.Values;
import io.residuum.hub.Hub;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import io.residuum.json.JsonText;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.weights.Gguf;
import io.residuum.weights.QuantizedStateDict;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.StateDict;
import io.residuum.weights.TensorType;
import io.residuum.weights.WeightsException;
import io.residuum.weights.quantized.QuantizedFormat;
import io.residuum.weights.quantized.QuantizedTensor;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Saves and loads networks. One safetensors file holds the weights by name, with the spec in its
 * metadata.
 */
public final class ModelFiles {

    /** The metadata key of the spec. */
    public static final String SPEC = "residuum.spec";

    /** The file name of the best network in the folder of a training run. */
    public static final String RUN_MODEL = "model.safetensors";

    /** The file name of the spec in the folder of a training run. */
    public static final String RUN_SPEC = "spec.json";

    private static final int NAMES_SHOWN = 5;

    private ModelFiles() {}

    /**
     * {@return the SHA-256 in hexadecimal of the expanded spec's canonical JSON with all defaults.
     * Specs that expand to the same layers have the same hash, whatever their names}
     *
     * @param spec the network
     */
    public static String fingerprint(ModelSpec spec) {
        ModelSpec plain =
                new ModelSpec("network", spec.input(), spec.network().expanded())
                        .withAdapters(spec.adapters());
        return Hashing.sha256()
                .hashString(SpecJson.standard().writeAll(plain), StandardCharsets.UTF_8)
                .toString();
    }

    /**
     * Finds a file or folder, and downloads it if it is a remote name.
     *
     * @param text a path, or a remote name as in {@link ModelSource#of(String)}
     * @param hub downloads remote files
     * @return the path; a repository is a folder
     * @throws SpecException if the text is an invalid remote name
     * @throws io.residuum.hub.HubException if a remote file cannot be downloaded
     */
    public static Path local(String text, Hub hub) {
        Optional<RemoteModel> remote = RemoteModel.find(text, hub);
        remote.ifPresent(model -> model.download().run());
        return remote.map(RemoteModel::path).orElseGet(() -> path(text));
    }

    /** Returns the path of a model that is neither a preset nor remote. */
    static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new SpecException(
                    "a model must be a preset, a path or a remote name, got %s: %s"
                            .formatted(JsonText.quote(text), e.getReason()));
        }
    }

    static Network load(Path file, Backend backend) {
        try (StateDict weights = QuantizedStateDict.of(Safetensors.open(file))) {
            ModelDescription model = description(weights);
            BuiltNetwork built = BuiltNetwork.of(model.spec());
            built.preset(values(weights, built.parameters()));
            return new Network(built, model.metadata(), backend, 0, DataType.FLOAT32);
        }
    }

    /** Reads the spec and the other metadata of a saved network. */
    static ModelDescription description(StateDict weights) {
        Path file = weights.file();
        String json = weights.metadata().get(SPEC);
        if (json == null) {
            throw new WeightsException(
                    file
                            + ": a saved network must have its spec in the metadata key \""
                            + SPEC
                            + "\", found keys "
                            + weights.metadata().keySet()
                            + ": give a preset or a spec file, and this file as its weights");
        }
        ModelSpec spec = SpecJson.standard().parse(json, file + " (" + SPEC + ")", ModelSpec.class);
        return new ModelDescription(spec, new ModelMetadata(weights.metadata()));
    }

    /**
     * Returns the values of parameters from a file that has exactly these, in floating-point types.
     *
     * @throws WeightsException if it has others
     */
    static Map<String, Supplier<float[]>> values(
            StateDict weights, Map<String, Parameter> parameters) {
        Collection<String> missing = Sets.difference(parameters.keySet(), weights.names());
        Collection<String> unexpected = Sets.difference(weights.names(), parameters.keySet());
        List<String> shapes = new ArrayList<>();
        List<String> types = new ArrayList<>();
        Map<String, Supplier<float[]>> values = new LinkedHashMap<>();
        parameters.forEach(
                (path, p) -> {
                    values.put(path, () -> weights.floats(path));
                    if (weights.names().contains(path)) {
                        Shape found = new Shape(weights.info(path).dimensions());
                        if (!found.equals(p.getShape())) {
                            shapes.add(path + " is " + found + " and must be " + p.getShape());
                        }
                        TensorType type = weights.info(path).type();
                        if (type.kind() != TensorType.Kind.FLOAT) {
                            types.add(path + " is " + type + " and must be of a floating type");
                        }
                    }
                });
        if (!missing.isEmpty() || !unexpected.isEmpty() || !shapes.isEmpty() || !types.isEmpty()) {
            throw new WeightsException(
                    weights.file()
                            + ": the weights must be exactly the network's "
                            + parameters.size()
                            + " tensors, found "
                            + weights.names().size()
                            + some("missing", missing)
                            + some("unexpected", unexpected)
                            + some("of another shape", shapes)
                            + some("of another type", types)
                            + ": is this the right model?");
        }
        return values;
    }

    private static String some(String what, Collection<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        String shown = String.join(", ", names.stream().limit(NAMES_SHOWN).toList());
        return "; "
                + names.size()
                + " "
                + what
                + " ("
                + shown
                + (names.size() > NAMES_SHOWN ? ", ...)" : ")");
    }

    /**
     * Writes a network without loading it, as float32 with spec and metadata. It needs no engine,
     * and memory for one parameter at a time.
     *
     * @param file the file; an existing one is replaced atomically
     * @param model the spec and the metadata
     * @param values supplies the values of each parameter and buffer by path, row by row
     * @throws WeightsException if it cannot be written; an existing file then stays as it was
     */
    public static void write(Path file, ModelDescription model, Function<String, float[]> values) {
        write(file, model, model.spec().newBlock().namedParameters(), values);
    }

    static void write(Path file, ModelDescription model, BuiltNetwork network) {
        write(file, model, network.parameters(), path -> Values.floats(network.array(path)));
    }

    private static void write(
            Path file,
            ModelDescription model,
            Map<String, Parameter> parameters,
            Function<String, float[]> values) {
        SafetensorsWriter writer = new SafetensorsWriter();
        model.metadata().entries().forEach(writer::metadata);
        writer.metadata(SPEC, SpecJson.standard().writeAll(model.spec()));
        Quantization quantization = model.metadata().quantization();
        QuantizedFormat format = quantization.format();
        parameters.forEach(
                (path, p) -> {
                    long[] shape = p.getShape().getShape();
                    if (quantization.layers().containsKey(path) && format.fits(shape)) {
                        add(writer, path, shape, format, values);
                    } else {
                        writer.add(path, TensorType.F32, shape, () -> values.apply(path));
                    }
                });
        writer.write(file);
    }

    /** Adds the integers and the scales of a weight, as {@link QuantizedStateDict} reads them. */
    private static void add(
            SafetensorsWriter writer,
            String path,
            long[] shape,
            QuantizedFormat format,
            Function<String, float[]> values) {
        int rows = Math.toIntExact(shape[0]);
        long columns = new Shape(shape).size() / rows;
        Supplier<QuantizedTensor> tensor = () -> format.quantize(values.apply(path), rows);
        if (format.bits() == 8) {
            writer.addBytes(path, TensorType.I8, shape, () -> tensor.get().integers());
        } else {
            long[] half = {rows, columns / 2};
            writer.addBytes(path, TensorType.U8, half, () -> tensor.get().packed());
        }
        writer.add(
                path + QuantizedStateDict.SCALE,
                TensorType.F32,
                new long[] {rows, format.scales(columns)},
                () -> tensor.get().scales());
    }

    /** Reads a spec, the configuration of another library, or the metadata of a GGUF file. */
    static ModelDescription read(Path file, String label) {
        boolean isGguf = file.toString().toLowerCase(Locale.ROOT).endsWith(Gguf.EXTENSION);
        Json json = isGguf ? Gguf.open(file).json() : parsed(file);
        if (json instanceof Json.Obj object) {
            for (ModelReader reader : readers(object)) {
                Optional<ModelDescription> found = reader.read(object, file, label);
                if (found.isPresent()) {
                    return found.get();
                }
            }
        }
        if (isGguf) {
            throw new SpecException(
                    "%s: the metadata of a model must have the key %s, found %s"
                            .formatted(file, Gguf.ARCHITECTURE, json.members().keySet()));
        }
        ModelSpec spec = SpecJson.standard().readModel(json, file.toString());
        return new ModelDescription(spec, ModelMetadata.EMPTY);
    }

    /** Returns all readers, first those of a model type of transformers. */
    private static List<ModelReader> readers(Json.Obj object) {
        String type = object.get("model_type") instanceof Json.Str text ? text.value() : "";
        Comparator<ModelReader> order = Comparator.comparing(r -> !r.modelTypes().contains(type));
        return ServiceLoader.load(ModelReader.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(order)
                .toList();
    }

    private static Json parsed(Path file) {
        try {
            return JsonReader.read(file);
        } catch (JsonException e) {
            throw new SpecException(e);
        }
    }
}
