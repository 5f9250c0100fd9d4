package io.residuum.spec;

/**
 * A named network of the literature.
 *
 * @param name what a user types, for instance {@code resnet50}
 * @param family the family's name, for instance {@code resnet}
 * @param spec the network
 * @param citation paper and place, for instance {@code He et al. 2015, Table 1}
 */
public record Preset(String name, String family, ModelSpec spec, String citation) {}
