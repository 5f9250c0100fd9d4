package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import com.google.common.collect.Sets;
import com.google.common.hash.Hashing;
import io.residuum.engine.Values;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.TensorType;
import io.residuum.weights.WeightsException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Networks as files: one safetensors file holds the weights by name and, in its metadata, the spec.
 */
public final class ModelFiles {

    /** The metadata key of the spec. */
    public static final String SPEC = "residuum.spec";

    private static final int NAMES_SHOWN = 5;

    private ModelFiles() {}

    /**
     * Reads the spec of a saved network, without loading an engine.
     *
     * @param file a file that {@link Network#save(Path)} wrote
     * @return the spec
     * @throws WeightsException if there is none
     */
    public static ModelSpec readSpec(Path file) {
        try (Safetensors weights = Safetensors.open(file)) {
            return spec(file, weights);
        }
    }

    /**
     * A number for what a network computes: equal for specs that expand to the same layers,
     * whatever they are called.
     *
     * @param spec the network
     * @return SHA-256 of the expanded spec's canonical JSON with all defaults, in hexadecimal
     */
    public static String fingerprint(ModelSpec spec) {
        ModelSpec plain = new ModelSpec("network", spec.input(), spec.network().expanded());
        return Hashing.sha256()
                .hashString(SpecJson.standard().writeAll(plain), StandardCharsets.UTF_8)
                .toString();
    }

    static ModelSpec spec(Path file, Safetensors weights) {
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
        return SpecJson.standard().parse(json, file + " (" + SPEC + ")", ModelSpec.class);
    }

    static void requireSame(Path file, Safetensors weights, Map<String, Parameter> parameters) {
        Collection<String> missing = Sets.difference(parameters.keySet(), weights.names());
        Collection<String> unexpected = Sets.difference(weights.names(), parameters.keySet());
        List<String> shapes = new ArrayList<>();
        List<String> types = new ArrayList<>();
        parameters.forEach(
                (path, p) -> {
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
                    file
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

    static Initializer values(Safetensors weights, String path) {
        return (manager, shape, type) -> Values.create(manager, weights.floats(path), shape, type);
    }

    static Initializer values(String path, Supplier<float[]> values) {
        return (manager, shape, type) -> {
            float[] read = values.get();
            if (read.length != shape.size()) {
                throw new WeightsException(
                        "%s must have %d values, found %d"
                                .formatted(path, shape.size(), read.length));
            }
            return Values.create(manager, read, shape, type);
        };
    }

    static void write(
            Path file,
            ModelSpec spec,
            Map<String, Parameter> parameters,
            Map<String, String> metadata) {
        write(file, spec, parameters, path -> Values.floats(array(parameters, path)), metadata);
    }

    private static NDArray array(Map<String, Parameter> parameters, String path) {
        return Objects.requireNonNull(parameters.get(path)).getArray();
    }

    /**
     * Writes a network that is not loaded, float32, with the spec inside: no engine is needed, and
     * one parameter at a time lies in memory.
     *
     * @param file the file; replaced in one step if it exists
     * @param spec what the network computes
     * @param values gives the values of each of its parameters and buffers by its path, row by row
     * @param metadata for instance class names
     * @throws WeightsException if it cannot be written; an existing file then stays as it was
     */
    public static void write(
            Path file,
            ModelSpec spec,
            Function<String, float[]> values,
            Map<String, String> metadata) {
        write(file, spec, spec.newBlock().namedParameters(), values, metadata);
    }

    private static void write(
            Path file,
            ModelSpec spec,
            Map<String, Parameter> parameters,
            Function<String, float[]> values,
            Map<String, String> metadata) {
        SafetensorsWriter writer = new SafetensorsWriter();
        metadata.forEach(writer::metadata);
        // Last: metadata of another network may be given back with its own spec inside.
        writer.metadata(SPEC, SpecJson.standard().writeAll(spec));
        parameters.forEach(
                (path, p) ->
                        writer.add(
                                path,
                                TensorType.F32,
                                p.getShape().getShape(),
                                () -> values.apply(path)));
        writer.write(file);
    }
}
