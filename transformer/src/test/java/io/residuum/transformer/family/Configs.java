package io.residuum.transformer.family;

import io.residuum.model.ModelSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Models of a {@code config.json} written in a test. */
final class Configs {
    private Configs() {}

    /**
     * Writes a {@code config.json} and opens it.
     *
     * @param folder the folder
     * @param settings the members, with apostrophes as quotes
     */
    static ModelSource read(Path folder, String settings) {
        try {
            Path file = folder.resolve("config.json");
            Files.writeString(file, ("{" + settings + "}").replace('\'', '"'));
            return ModelSource.of(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
