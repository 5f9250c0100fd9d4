package io.residuum.docs;

import com.google.common.html.HtmlEscapers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes the site: every Markdown page of the project as HTML, with navigation, search and the
 * Javadoc. The folder can be opened from the disk.
 */
public final class Site {
    private static final String PAGE = resource("page.html");

    private final Path root;
    private final Path out;
    private final Set<Path> copied = new HashSet<>();

    private Site(Path root, Path out) {
        this.root = root;
        this.out = out;
    }

    /**
     * Writes the pages and the Javadoc.
     *
     * @param args the project, the folder to write, and where a module builds below its own folder
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        Path root = Path.of(args[0]).toAbsolutePath().normalize();
        Path out = Path.of(args[1]);
        write(root, out);
        Javadoc.write(root, out.resolve("api"), args[2]);
        System.out.println(out.resolve("index.html").toAbsolutePath().normalize());
    }

    /**
     * Writes the pages.
     *
     * @param root the folder of the project
     * @param out the folder to write
     * @throws IOException if a file cannot be read or written
     */
    static List<MarkdownPage> write(Path root, Path out) throws IOException {
        Site site = new Site(root, out);
        List<MarkdownPage> pages = new ArrayList<>();
        for (Path file : sources(root)) {
            pages.add(MarkdownPage.read(root, file));
        }
        Navigation navigation = Navigation.read(root.resolve("docs/README.md"));
        for (MarkdownPage page : pages) {
            site.put(page.path(), site.html(page, navigation));
            for (Path linked : page.linked()) {
                site.copy(linked);
            }
        }
        site.put("site.css", resource("site.css"));
        site.put("site.js", resource("site.js"));
        site.put("search.js", index(pages));
        return pages;
    }

    private static List<Path> sources(Path root) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String folder : List.of("", "docs", "docs/zh", "docs/benchmarks")) {
            try (Stream<Path> entries = Files.list(root.resolve(folder))) {
                entries.filter(file -> file.toString().endsWith(".md"))
                        .sorted()
                        .forEach(files::add);
            }
        }
        return files;
    }

    private String html(MarkdownPage page, Navigation navigation) {
        String top = "../".repeat(Path.of(page.path()).getNameCount() - 1);
        return PAGE.replace("{{title}}", HtmlEscapers.htmlEscaper().escape(page.title()))
                .replace("{{top}}", top)
                .replace("{{navigation}}", navigation.html(top, page.path()))
                .replace("{{content}}", page.html());
    }

    private static String index(List<MarkdownPage> pages) {
        return pages.stream()
                .flatMap(page -> page.sections().stream())
                .map(MarkdownPage.Section::javaScript)
                .collect(Collectors.joining(",\n", "const SECTIONS = [\n", "\n];\n"));
    }

    /** Copies a file that a page links to. A folder gets a page that lists its files. */
    private void copy(Path source) throws IOException {
        if (!copied.add(source)) {
            return;
        }
        String path = MarkdownPage.sitePath(root, source);
        if (!Files.isDirectory(source)) {
            Path target = out.resolve(path);
            Files.createDirectories(Objects.requireNonNull(target.getParent()));
            Files.copy(source, target, StandardCopyOption.REPLACE_EXISTING);
            return;
        }
        List<Path> entries;
        try (Stream<Path> files = Files.list(source)) {
            entries = files.sorted().toList();
        }
        StringBuilder list = new StringBuilder("<!doctype html><meta charset=\"utf-8\"><ul>\n");
        for (Path entry : entries) {
            String name = source.relativize(entry).toString();
            list.append(
                    "<li><a href=\"%s\">%s</a></li>\n"
                            .formatted(
                                    Files.isDirectory(entry) ? name + "/index.html" : name, name));
            copy(entry);
        }
        put(path, list + "</ul>\n");
    }

    private void put(String path, String text) throws IOException {
        Path file = out.resolve(path);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, text);
    }

    private static String resource(String name) {
        try (InputStream stream = Site.class.getResourceAsStream(name)) {
            return new String(
                    Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
