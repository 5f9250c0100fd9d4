package io.residuum.model;

import io.residuum.spec.ModelSpec;

/**
 * A model without its weights.
 *
 * @param spec the network
 * @param metadata class names and other facts
 */
public record ModelDescription(ModelSpec spec, ModelMetadata metadata) {}
