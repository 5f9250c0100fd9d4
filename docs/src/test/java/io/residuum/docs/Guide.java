package io.residuum.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Markdown page whose listings come from elsewhere. Two comments mark them:
 *
 * <ul>
 *   <li>{@code <!-- listing: OneBlockTest.java#highway -->} before a fence: its content is the
 *       region between {@code // tag::highway} and {@code // end::highway} of a test of this module
 *       or a file of {@code examples}, or without {@code #} a whole file of its resources or of
 *       {@code examples};
 *   <li>{@code <!-- generated: layers -->} up to {@code <!-- end -->}: what {@link Reference} says.
 * </ul>
 */
final class Guide {
    private static final Path MODULE = Path.of(System.getProperty("basedir", "."));
    private static final Path TESTS = MODULE.resolve("src/test/java/io/residuum/docs");
    private static final Path RESOURCES = MODULE.resolve("src/test/resources/guide");

    private static final Pattern LISTING =
            Pattern.compile(
                    "(<!-- listing: (\\S+) -->\\R```\\w+\\R)(.*?)(^```$)",
                    Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern GENERATED =
            Pattern.compile("(<!-- generated: (\\S+) -->\\R)(.*?)(<!-- end -->)", Pattern.DOTALL);
    private static final Pattern FENCE = Pattern.compile("(?m)^(.*)\\R```(java|json)$");

    private final Path file;

    Guide(Path file) {
        this.file = file;
    }

    /** The page of the project, and those of this module. */
    static List<Guide> all() throws IOException {
        try (var english = Files.list(MODULE);
                var chinese = Files.list(MODULE.resolve("zh"))) {
            List<Path> files =
                    Stream.concat(english, chinese)
                            .filter(p -> p.toString().endsWith(".md"))
                            .sorted()
                            .toList();
            Path readme = MODULE.resolve("../README.md").normalize();
            return Stream.concat(Stream.of(readme), files.stream()).map(Guide::new).toList();
        }
    }

    Path file() {
        return file;
    }

    String text() {
        return read(file);
    }

    /** The page as it should be. */
    String current() {
        String listings = replace(text(), LISTING, Guide::source);
        return replace(listings, GENERATED, Reference::of);
    }

    void write(String text) throws IOException {
        Files.writeString(file, text);
    }

    /** Java and JSON that no test runs. */
    List<String> unmarkedFences() {
        return FENCE.matcher(text())
                .results()
                .filter(m -> !m.group(1).startsWith("<!-- listing: "))
                .map(MatchResult::group)
                .toList();
    }

    /** The resources that the page shows. */
    List<String> resources() {
        return LISTING.matcher(text()).results().map(m -> m.group(2)).toList();
    }

    static Path resource(String name) {
        return RESOURCES.resolve(name);
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String replace(String text, Pattern pattern, Function<String, String> content) {
        return pattern.matcher(text)
                .replaceAll(
                        m ->
                                Matcher.quoteReplacement(
                                        m.group(1) + content.apply(m.group(2)) + m.group(4)));
    }

    private static String source(String name) {
        int hash = name.indexOf('#');
        if (hash >= 0) {
            String file = name.substring(0, hash);
            return region(read(place(file, TESTS)), name.substring(hash + 1));
        }
        return read(place(name, RESOURCES));
    }

    private static Path place(String name, Path folder) {
        return (name.startsWith("examples/") ? MODULE.resolve("..") : folder).resolve(name);
    }

    /** All parts of a region: a test may leave out its assertions between two of them. */
    private static String region(String source, String tag) {
        String lines =
                Pattern.compile(
                                "^ *// tag::" + tag + "\\R(.*?)^ *// end::" + tag + "$",
                                Pattern.DOTALL | Pattern.MULTILINE)
                        .matcher(source)
                        .results()
                        .map(m -> m.group(1))
                        .collect(Collectors.joining());
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("there is no region \"" + tag + "\"");
        }
        return lines.stripTrailing().stripIndent() + "\n";
    }
}
