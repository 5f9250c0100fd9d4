package io.residuum.spec;

import java.util.List;

/** Registers published weights of presets. {@link java.util.ServiceLoader} finds it. */
public interface WeightsProvider {

    /** {@return the weights; for each preset, those to take first come first} */
    List<PublishedWeights> weights();
}
