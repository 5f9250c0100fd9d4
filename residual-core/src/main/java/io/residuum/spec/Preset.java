package io.residuum.spec;

/**
 * A named network from the literature.
 *
 * @param name the name that a user types, for instance {@code resnet50}
 * @param family the name of the family, for instance {@code resnet}
 * @param spec the network
 * @param citation the paper and the place in it, for instance {@code He et al. 2015, Table 1}
 */
public record Preset(String name, String family, ModelSpec spec, String citation) {}
