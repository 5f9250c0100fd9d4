package io.residuum.model;

import io.residuum.spec.ModelSpec;
import java.util.List;

/**
 * A model without its weights.
 *
 * @param spec the network
 * @param metadata class names and other facts
 * @param warnings what the user should check, in a line each
 */
public record ModelDescription(ModelSpec spec, ModelMetadata metadata, List<String> warnings) {
    public ModelDescription {
        warnings = List.copyOf(warnings);
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
        return new ModelDescription(spec, metadata, lines);
    }
}
