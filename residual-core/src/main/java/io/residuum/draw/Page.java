package io.residuum.draw;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Writes a report: one HTML page, also well-formed XML. It needs no other file, no script and no
 * network connection. It has a light and a dark mode, and prints.
 */
public final class Page {
    /** Forbids scripts and external resources, whatever the page contains. */
    private static final String POLICY =
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

    private Page() {}

    /**
     * {@return the page, to be stored in UTF-8}
     *
     * @param kind the kind of report, above the title
     * @param subtitle a line below the title
     * @param headline the most important values by their labels
     * @param sections the sections, which the page lists at its top
     */
    public static String html(
            String kind,
            String title,
            String subtitle,
            Map<String, String> headline,
            List<Section> sections) {
        Markup page = new Markup();
        page.open("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en").open("head");
        page.empty("meta", "charset", "utf-8");
        page.empty("meta", "http-equiv", "Content-Security-Policy", "content", POLICY);
        page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        page.empty("meta", "name", "color-scheme", "content", "light dark");
        page.leaf("title", title).style(style()).close();
        page.open("body").leaf("a", "Skip to the report", "class", "skip", "href", "#main");
        page.open("header").leaf("p", kind, "class", "eyebrow");
        page.leaf("h1", title).leaf("p", subtitle, "class", "subtitle");
        page.open("dl", "class", "headline");
        headline.forEach(
                (label, value) -> page.open("div").leaf("dt", label).leaf("dd", value).close());
        page.close().open("nav", "aria-label", "Sections");
        sections.forEach(s -> page.leaf("a", s.title(), "href", "#" + s.id()));
        page.close().close().open("main", "id", "main");
        for (Section section : sections) {
            page.open("section", "id", section.id(), "aria-labelledby", section.id() + "-title");
            page.leaf("h2", section.title(), "id", section.id() + "-title");
            page.append(section.body()).close();
        }
        page.close().close().close();
        return "<!DOCTYPE html>\n" + page;
    }

    private static String style() {
        try (InputStream css = Page.class.getResourceAsStream("page.css")) {
            if (css == null) {
                throw new IllegalStateException("page.css is missing from residual-core's jar");
            }
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("page.css cannot be read from residual-core's jar", e);
        }
    }
}
