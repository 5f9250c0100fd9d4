package io.residuum.examples.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
     * @param beside the valid files beside it, by their path in the same folder
     */
    record Seed(String file, byte[] bytes, Mutation mutation, Map<String, byte[]> beside) {
        Seed(String file, byte[] bytes, Mutation mutation) {
            this(file, bytes, mutation, Map.of());
        }

        /** Writes some content with the files beside it. Returns the file. */
        Path write(Path folder, byte[] content) throws IOException {
            for (Map.Entry<String, byte[]> other : beside.entrySet()) {
                write(folder.resolve(other.getKey()), other.getValue(), folder);
            }
            Path path = folder.resolve(file);
            write(path, content, folder);
            return path;
        }

        private static void write(Path path, byte[] content, Path folder) throws IOException {
            Files.createDirectories(path.getParent() == null ? folder : path.getParent());
            Files.write(path, content);
        }
    }

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
