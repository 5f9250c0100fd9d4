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

    /** {@return {@code log.txt}, the output of a process that trains the run} */
    public Path log() {
        return folder.resolve("log.txt");
    }

    /** {@return variant and seed, for people} */
    public String label() {
        return variant.name() + ", seed " + seed;
    }
}
