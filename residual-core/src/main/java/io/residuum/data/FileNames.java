package io.residuum.data;

import java.nio.file.Path;

/** Names of files, which Java decodes by the locale of the process. */
public final class FileNames {
    private static final char REPLACEMENT = '\uFFFD';

    private FileNames() {}

    /**
     * Returns the last name of a path that was found in a folder.
     *
     * @throws DataException if Java could not decode it
     */
    public static String of(Path path) {
        String name = String.valueOf(path.getFileName());
        if (name.indexOf(REPLACEMENT) >= 0) {
            throw new DataException(
                    "%s: the name must be in the encoding of the process, %s, found other bytes; set LC_ALL=C.UTF-8 before Java starts, or rename it"
                            .formatted(path, System.getProperty("sun.jnu.encoding")));
        }
        return name;
    }
}
