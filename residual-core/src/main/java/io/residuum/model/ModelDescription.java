package io.residuum.model;

import io.residuum.spec.ModelSpec;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model without its weights.
 *
 * @param spec the network
 * @param metadata class names and other facts
 * @param warnings what the user should check, in a line each
 * @param parts files or folders of weights beside those of the model, by the prefix that the names
 *     of their tensors get
 */
public record ModelDescription(
        ModelSpec spec, ModelMetadata metadata, List<String> warnings, Map<String, Path> parts) {
    public ModelDescription {
        warnings = List.copyOf(warnings);
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    /**
     * Creates a description whose weights are in one place.
     *
     * @param spec the network
     * @param metadata class names and other facts
     * @param warnings what the user should check, in a line each
     */
    public ModelDescription(ModelSpec spec, ModelMetadata metadata, List<String> warnings) {
        this(spec, metadata, warnings, Map.of());
    }

    /**
     * Creates a description without warnings.
     *
     * @param spec the network
     * @param metadata class names and other facts
     */
    public ModelDescription(ModelSpec spec, ModelMetadata metadata) {
        this(spec, metadata, List.of());
    }

    /**
     * {@return a copy with other warnings}
     *
     * @param lines the warnings
     */
    public ModelDescription withWarnings(List<String> lines) {
        return new ModelDescription(spec, metadata, lines, parts);
    }

    /**
     * {@return a copy with other metadata}
     *
     * @param other the metadata
     */
    public ModelDescription withMetadata(ModelMetadata other) {
        return new ModelDescription(spec, other, warnings, parts);
    }
}
