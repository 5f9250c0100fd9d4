package io.residuum.model;

import io.residuum.spec.ModelSpec;

/**
 * A model without its weights.
 *
 * @param spec the network
 * @param metadata its class names and other facts
 */
public record ModelDescription(ModelSpec spec, ModelMetadata metadata) {}
