package io.residuum.docs;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the Javadoc of all modules as one site. */
final class Javadoc {
    private static final List<String> MODULES =
            List.of(
                    "residual-core",
                    "residual-core/draw",
                    "vision",
                    "transformer",
                    "examples/serve");

    private Javadoc() {}

    static void write(Path root, Path out, String target) throws IOException {
        ToolProvider javadoc =
                ToolProvider.findFirst("javadoc")
                        .orElseThrow(
                                () ->
                                        new IOException(
                                                "javadoc is missing in "
                                                        + System.getProperty("java.home")
                                                        + ": set JAVA_HOME to a JDK"));
        // Builders of records are generated.
        String sources =
                MODULES.stream()
                        .map(root::resolve)
                        .flatMap(
                                module ->
                                        Stream.of(
                                                module.resolve("src/main/java"),
                                                module.resolve(target)
                                                        .resolve("generated-sources/annotations")))
                        .filter(Files::isDirectory)
                        .map(Path::toString)
                        .collect(Collectors.joining(File.pathSeparator));
        int code =
                javadoc.run(
                        System.out,
                        System.err,
                        "-quiet",
                        "-Xdoclint:none",
                        "-notimestamp",
                        "-encoding",
                        "UTF-8",
                        "-windowtitle",
                        "Residuum",
                        "-doctitle",
                        "Residuum",
                        "-sourcepath",
                        sources,
                        "-classpath",
                        System.getProperty("java.class.path"),
                        "-subpackages",
                        "io.residuum",
                        "-d",
                        out.toString());
        if (code != 0) {
            throw new IOException("javadoc failed with code " + code + "; its errors are above");
        }
    }
}
