package io.residuum.train.report;

import io.residuum.draw.Markup;
import io.residuum.draw.Page;
import io.residuum.draw.Section;
import io.residuum.files.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the report of a training run: one HTML page, also well-formed XML. The page needs no other
 * file, no script and no network connection. It has a light and a dark mode, and prints.
 */
public final class Report {
    private Report() {}

    /**
     * Writes the page. It replaces an existing file atomically.
     *
     * @param file the file to write, such as {@code report.html}, in an existing folder
     * @param data the contents of the report
     * @throws IOException if the file cannot be written, with a message that names it
     */
    public static void write(Path file, ReportData data) throws IOException {
        AtomicFiles.writeString(file, html(data));
    }

    /**
     * Returns the page as text.
     *
     * @param data the contents of the report
     * @return the page, to be stored in UTF-8
     */
    public static String html(ReportData data) {
        List<Section> sections = new ArrayList<>();
        Curves.section(data).ifPresent(sections::add);
        SamplesSection.section(data).ifPresent(sections::add);
        FiguresSection.section(data).ifPresent(sections::add);
        sections.addAll(ConfusionSection.sections(data));
        Gallery.section(data).ifPresent(sections::add);
        sections.add(Architecture.section(data));
        if (!data.recipe().isBlank()) {
            sections.add(new Section("recipe", "Recipe", recipe(data.recipe())));
        }
        if (!data.environment().isBlank()) {
            sections.add(new Section("environment", "Environment", environment(data)));
        }
        return Page.html(
                "Training report", data.title(), subtitle(data), Headline.of(data), sections);
    }

    private static String subtitle(ReportData data) {
        int epochs = data.epochs().size();
        String run = epochs == 1 ? "1 epoch" : epochs + " epochs";
        return Curves.best(data).map(best -> run + ", best at epoch " + best.epoch()).orElse(run);
    }

    private static Markup recipe(String json) {
        return new Markup().leaf("pre", json.strip(), "tabindex", "0");
    }

    private static Markup environment(ReportData data) {
        Markup list = new Markup().open("dl", "class", "facts");
        data.environment()
                .lines()
                .filter(line -> !line.isBlank())
                .forEach(
                        line -> {
                            String[] parts = line.split(":\\s", 2);
                            list.open("div").leaf("dt", parts.length == 2 ? parts[0].strip() : "");
                            list.leaf("dd", parts[parts.length - 1].strip()).close();
                        });
        return list.close();
    }
}
