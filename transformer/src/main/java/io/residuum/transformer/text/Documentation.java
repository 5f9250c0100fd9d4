package io.residuum.transformer.text;

import io.residuum.data.DataException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The guides of this project, which the build copies next to this class. */
final class Documentation {
    private static final String FOLDER = "documentation";

    private Documentation() {}

    /** Returns all guides as one text, the README first. */
    static String text() {
        URL folder = Documentation.class.getResource(FOLDER);
        if (folder == null) {
            throw new DataException("this build contains no documentation; use text:FILE instead");
        }
        try {
            URI uri = folder.toURI();
            if (!uri.getScheme().equals("jar")) {
                return read(Path.of(uri));
            }
            // the form is jar:file:/...jar!/io/...
            String[] parts = uri.getRawSchemeSpecificPart().split("!", 2);
            try (FileSystem jar = FileSystems.newFileSystem(Path.of(URI.create(parts[0])))) {
                return read(jar.getPath(parts[1]));
            }
        } catch (IOException | URISyntaxException e) {
            throw new DataException("the documentation cannot be read: " + e.getMessage(), e);
        }
    }

    private static String read(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> pages =
                    all.filter(file -> file.toString().endsWith(".md"))
                            .sorted(Comparator.comparing(Path::toString))
                            .toList();
            return pages.stream().map(Utf8::read).collect(Collectors.joining("\n\n"));
        }
    }
}
