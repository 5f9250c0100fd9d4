package io.residuum.examples.fuzz;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * A kind of input.
 *
 * @param name its name in the table
 * @param share its part of the cases of a run
 * @param seeds valid files
 * @param reader reads a file and uses what it reads
 */
record Kind(String name, int share, List<Seed> seeds, Reader reader) {

    /**
     * A valid file.
     *
     * @param file its name, which readers look at
     * @param bytes its content
     * @param mutation damages the content
     */
    record Seed(String file, byte[] bytes, Mutation mutation) {}

    /** Damages a file. */
    @FunctionalInterface
    interface Mutation {
        byte[] mutate(byte[] valid, Random random);
    }

    /** Reads a file. */
    @FunctionalInterface
    interface Reader {
        void read(Path file) throws Exception;
    }
}
