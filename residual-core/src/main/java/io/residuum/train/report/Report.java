package io.residuum.train.report;

import io.residuum.draw.Markup;
import io.residuum.files.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The report of a training run: one HTML page, also well-formed XML, that needs no other file, no
 * script and no network. It follows the reader's choice of light or dark, and prints.
 */
public final class Report {
    private Report() {}

    /**
     * Writes the page; a page that was there before is replaced in one step.
     *
     * @param file for instance {@code report.html}, in a folder that exists
     * @param data what to show
     * @throws IOException if the file cannot be written, with a message that names it
     */
    public static void write(Path file, ReportData data) throws IOException {
        AtomicFiles.writeString(file, html(data));
    }

    /**
     * Makes the page.
     *
     * @param data what to show
     * @return the page, to be stored in UTF-8
     */
    public static String html(ReportData data) {
        List<Section> sections = new ArrayList<>();
        Curves.section(data).ifPresent(sections::add);
        SamplesSection.section(data).ifPresent(sections::add);
        ConfusionSection.section(data).ifPresent(sections::add);
        Gallery.section(data).ifPresent(sections::add);
        sections.add(Architecture.section(data));
        if (!data.recipe().isBlank()) {
            sections.add(new Section("recipe", "Recipe", recipe(data.recipe())));
        }
        if (!data.environment().isBlank()) {
            sections.add(new Section("environment", "Environment", environment(data)));
        }
        return Page.html(data.title(), subtitle(data), Headline.of(data), sections);
    }

    private static String subtitle(ReportData data) {
        int epochs = data.epochs().size();
        String run = epochs == 1 ? "1 epoch" : epochs + " epochs";
        return Curves.best(data.epochs())
                .map(best -> run + ", best at epoch " + best.epoch())
                .orElse(run);
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
