package io.residuum.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reads text files that lie beside a class, in the same jar. */
public final class JarText {
    private JarText() {}

    /**
     * Reads a file in UTF-8.
     *
     * @param beside a class of the package that holds the file
     * @param name the name of the file
     * @return the text
     * @throws IllegalStateException if the jar is incomplete
     */
    public static String read(Class<?> beside, String name) {
        try (InputStream in = beside.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not beside " + beside.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read from its jar", e);
        }
    }
}
