package io.residuum.docs;

import com.google.common.html.HtmlEscapers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.StrongEmphasis;
import org.commonmark.node.Text;
import org.jspecify.annotations.Nullable;

/** The list of pages beside each page: the groups and links of the guides' first page. */
final class Navigation {
    /**
     * A line of the list.
     *
     * @param text what it shows
     * @param path the page, below the site's folder; empty for the title of a group
     */
    private record Entry(String text, String path) {}

    private final List<Entry> entries = new ArrayList<>();

    private Navigation() {}

    static Navigation read(Path guides) throws IOException {
        Navigation navigation = new Navigation();
        Path root = guides.resolveSibling("..").normalize();
        navigation.entries.add(new Entry("Residuum", "index.html"));
        navigation.entries.add(new Entry("Guides", "guides.html"));
        MarkdownPage.parse(guides)
                .accept(
                        new AbstractVisitor() {
                            @Override
                            public void visit(StrongEmphasis group) {
                                navigation.add(text(group.getFirstChild()), "");
                            }

                            @Override
                            public void visit(Link link) {
                                String to = link.getDestination();
                                if (to.endsWith(".md")) {
                                    Path page = guides.resolveSibling(to);
                                    navigation.add(
                                            text(link.getFirstChild()),
                                            MarkdownPage.sitePath(root, page));
                                }
                            }
                        });
        navigation.entries.add(new Entry("Reference", ""));
        navigation.entries.add(new Entry("Javadoc", "api/index.html"));
        navigation.entries.add(new Entry("Changelog", "CHANGELOG.html"));
        navigation.entries.add(new Entry("Contributing", "CONTRIBUTING.html"));
        return navigation;
    }

    private void add(String text, String path) {
        boolean known = entries.stream().anyMatch(e -> !path.isEmpty() && e.path.equals(path));
        if (!known) {
            entries.add(new Entry(text, path));
        }
    }

    private static String text(@Nullable Node node) {
        return node instanceof Text text ? text.getLiteral() : "";
    }

    /**
     * {@return the list as HTML}
     *
     * @param top the way from the page to the site's folder
     * @param here the page that shows the list
     */
    String html(String top, String here) {
        StringBuilder html = new StringBuilder();
        for (Entry entry : entries) {
            String text = HtmlEscapers.htmlEscaper().escape(entry.text);
            html.append(
                    entry.path.isEmpty()
                            ? "<h2>%s</h2>\n".formatted(text)
                            : "<a href=\"%s%s\"%s>%s</a>\n"
                                    .formatted(
                                            top,
                                            entry.path,
                                            entry.path.equals(here) ? " aria-current=\"page\"" : "",
                                            text));
        }
        return html.toString();
    }
}
