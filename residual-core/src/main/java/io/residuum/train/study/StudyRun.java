package io.residuum.train.study;

import java.nio.file.Path;

/**
 * A run of a study.
 *
 * @param variant the network and its recipe
 * @param seed the seed
 * @param folder the run folder
 */
public record StudyRun(Variant variant, long seed, Path folder) {

    /** {@return variant and seed, for people} */
    public String label() {
        return variant.name() + ", seed " + seed;
    }
}
