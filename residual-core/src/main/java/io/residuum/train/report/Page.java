package io.residuum.train.report;

import io.residuum.draw.Markup;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Writes the page around the sections: head, style, headline and table of contents. */
final class Page {
    /** Forbids scripts and external resources, whatever the page contains. */
    private static final String POLICY =
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

    private Page() {}

    static String html(
            String title, String subtitle, Map<String, String> headline, List<Section> sections) {
        Markup page = new Markup();
        page.open("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en").open("head");
        page.empty("meta", "charset", "utf-8");
        page.empty("meta", "http-equiv", "Content-Security-Policy", "content", POLICY);
        page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        page.empty("meta", "name", "color-scheme", "content", "light dark");
        page.leaf("title", title).style(style()).close();
        page.open("body").leaf("a", "Skip to the report", "class", "skip", "href", "#main");
        page.open("header").leaf("p", "Training report", "class", "eyebrow");
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
        try (InputStream css = Page.class.getResourceAsStream("report.css")) {
            if (css == null) {
                throw new IllegalStateException("report.css is missing from residual-core's jar");
            }
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("report.css cannot be read from residual-core's jar", e);
        }
    }
}
