package io.residuum.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * Data sets and trained weights that tests verify against and that are not part of the project.
 *
 * <p>They are looked for in the folder that the environment variable {@code RESIDUUM_DATA} names,
 * then in a folder {@code shared/data} of the working directory or of any directory above it.
 */
public final class SharedData {
    private SharedData() {}

    /**
     * Finds a file or folder, and skips the calling test where it is not there.
     *
     * @param relative its path below the data folder, with {@code /}
     * @return its path
     */
    public static Path require(String relative) {
        return candidates().stream()
                .map(folder -> folder.resolve(relative))
                .filter(Files::exists)
                .findFirst()
                .orElseGet(
                        () ->
                                Assumptions.abort(
                                        relative
                                                + " is in no shared/data folder above this"
                                                + " directory and not below RESIDUUM_DATA"));
    }

    private static List<Path> candidates() {
        List<Path> folders = new ArrayList<>();
        String configured = System.getenv("RESIDUUM_DATA");
        if (configured != null) {
            folders.add(Path.of(configured));
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            folders.add(at.resolve("shared").resolve("data"));
        }
        return folders;
    }
}
