package io.residuum.docs;

import io.residuum.json.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.commonmark.renderer.text.TextContentRenderer;

/**
 * A page of the site, from a Markdown file. Links between pages lead to their HTML.
 *
 * @param path the page, below the site's folder
 * @param title the first heading
 * @param html the content
 * @param sections the parts of the page, for the search
 * @param linked files and folders of the project that the page links to or shows, and that are no
 *     pages
 */
record MarkdownPage(
        String path, String title, String html, List<Section> sections, List<Path> linked) {
    private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());
    private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();
    private static final TextContentRenderer TEXT =
            TextContentRenderer.builder().extensions(EXTENSIONS).build();

    /**
     * The text below a heading.
     *
     * @param url the page and the heading's id
     * @param page the title of the page
     * @param heading the heading
     * @param text the words below it, up to the next heading
     */
    record Section(String url, String page, String heading, String text) {
        String javaScript() {
            return "{url: %s, page: %s, heading: %s, text: %s}"
                    .formatted(
                            JsonText.literal(url),
                            JsonText.literal(page),
                            JsonText.literal(heading),
                            JsonText.literal(text));
        }
    }

    static Node parse(Path file) throws IOException {
        return PARSER.parse(Files.readString(file));
    }

    static MarkdownPage read(Path root, Path file) throws IOException {
        Node document = parse(file);
        String path = sitePath(root, file);
        Map<Node, String> ids = ids(document);
        List<Path> linked = new ArrayList<>();
        HtmlRenderer renderer =
                HtmlRenderer.builder()
                        .extensions(EXTENSIONS)
                        .attributeProviderFactory(
                                context ->
                                        (node, tag, attributes) -> {
                                            if (node instanceof Heading) {
                                                attributes.put("id", ids.get(node));
                                            } else if (node instanceof Link && tag.equals("a")) {
                                                attributes.computeIfPresent(
                                                        "href",
                                                        (k, to) -> link(root, file, to, linked));
                                            } else if (node instanceof Image && tag.equals("img")) {
                                                attributes.computeIfPresent(
                                                        "src",
                                                        (k, to) -> link(root, file, to, linked));
                                            }
                                        })
                        .build();
        String html = renderer.render(document);
        List<Section> sections = sections(document, path, ids);
        String title = sections.isEmpty() ? path : sections.get(0).page();
        return new MarkdownPage(path, title, html, sections, List.copyOf(linked));
    }

    /** {@return the place of a file of the project in the site: guides at the top, others apart} */
    static String sitePath(Path root, Path file) {
        String path = root.relativize(file.normalize()).toString().replace('\\', '/');
        if (path.equals("docs/README.md")) {
            return "guides.html";
        }
        path = path.replaceFirst("(^|/)README\\.md$", "$1index.md");
        boolean page = path.endsWith(".md") && !path.startsWith("examples/");
        if (Files.isDirectory(file)) {
            path += "/index.html";
        }
        if (path.startsWith("docs/")) {
            path = path.substring("docs/".length());
        } else if (!page) {
            path = "repository/" + path;
        }
        return page ? path.replaceFirst("\\.md$", ".html") : path;
    }

    private static String link(Path root, Path file, String to, List<Path> linked) {
        if (to.contains("://") || to.startsWith("#") || to.startsWith("mailto:")) {
            return to;
        }
        int hash = to.indexOf('#');
        String anchor = hash < 0 ? "" : to.substring(hash);
        Path target = file.resolveSibling(hash < 0 ? to : to.substring(0, hash)).normalize();
        if (!target.toString().endsWith(".md")) {
            linked.add(target);
        }
        Path from =
                Objects.requireNonNullElse(Path.of(sitePath(root, file)).getParent(), Path.of(""));
        return from.relativize(Path.of(sitePath(root, target))).toString().replace('\\', '/')
                + anchor;
    }

    /** {@return the id of each heading, as GitHub makes it} */
    private static Map<Node, String> ids(Node document) {
        Map<Node, String> ids = new HashMap<>();
        Map<String, Integer> seen = new HashMap<>();
        for (Node node = document.getFirstChild(); node != null; node = node.getNext()) {
            if (node instanceof Heading) {
                String id =
                        TEXT.render(node)
                                .strip()
                                .toLowerCase(Locale.ROOT)
                                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                                .replace(' ', '-');
                int before = seen.merge(id, 1, Integer::sum) - 1;
                ids.put(node, before == 0 ? id : id + "-" + before);
            }
        }
        return ids;
    }

    private static List<Section> sections(Node document, String path, Map<Node, String> ids) {
        List<Section> sections = new ArrayList<>();
        String title = "";
        String heading = "";
        String url = path;
        StringBuilder text = new StringBuilder();
        for (Node node = document.getFirstChild(); node != null; node = node.getNext()) {
            if (node instanceof Heading) {
                if (!heading.isEmpty()) {
                    sections.add(new Section(url, title, heading, text.toString()));
                }
                heading = TEXT.render(node).strip();
                title = title.isEmpty() ? heading : title;
                url = path + "#" + ids.get(node);
                text.setLength(0);
            } else {
                text.append(TEXT.render(node).replaceAll("\\s+", " ")).append(' ');
            }
        }
        if (!heading.isEmpty()) {
            sections.add(new Section(url, title, heading, text.toString()));
        }
        return sections;
    }
}
