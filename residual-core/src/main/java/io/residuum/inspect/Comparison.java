package io.residuum.inspect;

import io.residuum.draw.Markup;
import io.residuum.draw.Page;
import io.residuum.draw.Section;
import io.residuum.files.AtomicFiles;
import io.residuum.files.FolderLock;
import io.residuum.json.Json;
import io.residuum.spec.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The results of the same analyses of several networks, with one curve for each network in a
 * picture.
 *
 * @param networks the results by a name of the network, in order
 */
public record Comparison(Map<String, Inspection> networks) {

    public Comparison {
        Check.that(!networks.isEmpty(), "a comparison needs a network, got none");
        networks = Collections.unmodifiableMap(new LinkedHashMap<>(networks));
    }

    /**
     * {@return the pictures of an analysis, with the main curve of each network that has it}
     *
     * @param analysis the name of the analysis
     */
    public List<Figure> figures(String analysis) {
        Map<String, Map<String, Plot>> plots = new LinkedHashMap<>();
        findings(analysis)
                .forEach(
                        (network, finding) ->
                                finding.figures().stream()
                                        .flatMap(figure -> figure.plot().stream())
                                        .forEach(
                                                plot ->
                                                        plots.computeIfAbsent(
                                                                        plot.name(),
                                                                        n -> new LinkedHashMap<>())
                                                                .put(network, plot)));
        return Figure.of(plots.values().stream().map(Plot::of).toArray(Plot[]::new));
    }

    private Map<String, Finding> findings(String analysis) {
        Map<String, Finding> found = new LinkedHashMap<>();
        networks.forEach(
                (network, inspection) ->
                        inspection.findings().stream()
                                .filter(f -> f.name().equals(analysis))
                                .forEach(f -> found.put(network, f)));
        return found;
    }

    private List<String> analyses() {
        return networks.values().stream()
                .flatMap(inspection -> inspection.findings().stream())
                .map(Finding::name)
                .distinct()
                .toList();
    }

    /** {@return the page, to be stored in UTF-8} */
    public String html() {
        List<Section> sections = new ArrayList<>();
        for (String analysis : analyses()) {
            Map<String, Finding> found = findings(analysis);
            Finding first = found.values().iterator().next();
            Markup body = new Markup().leaf("p", first.text(), "class", "lead");
            body.append(Inspection.charts(figures(analysis)));
            found.forEach(
                    (network, finding) -> {
                        body.open("details").leaf("summary", "Pictures: " + network);
                        body.append(Inspection.charts(finding.figures())).close();
                        body.append(Inspection.tables("Numbers: " + network + ", ", finding));
                    });
            sections.add(new Section(analysis, first.title(), body));
        }
        String names = String.join(", ", networks.keySet());
        String data = networks.values().iterator().next().data();
        return Page.html("Inspection", names, data, Map.of(), sections);
    }

    /** {@return all tables by network, analysis and name, as JSON, ending with a line break} */
    public String json() {
        Map<String, Object> all = new LinkedHashMap<>();
        networks.forEach((network, inspection) -> all.put(network, inspection.numbers()));
        return Json.of(all).pretty();
    }

    /**
     * Writes {@code report.html}, {@code inspection.json}, the pictures of all networks as {@code
     * ANALYSIS-PICTURE.svg}, and the files of {@link Inspection#write} for each network in folders
     * {@code 1}, {@code 2} and so on.
     *
     * @param folder the folder; created if absent
     * @throws IOException if a file cannot be written, with a message that names it, or another
     *     process writes to the folder
     */
    public void write(Path folder) throws IOException {
        try (FolderLock lock = FolderLock.create(folder, Inspection.LOG::warn)) {
            int number = 0;
            for (Inspection inspection : networks.values()) {
                inspection.writeFiles(
                        Files.createDirectories(folder.resolve(String.valueOf(++number))));
            }
            for (String analysis : analyses()) {
                Inspection.write(folder, analysis, figures(analysis));
            }
            AtomicFiles.writeString(folder.resolve("inspection.json"), json());
            AtomicFiles.writeString(folder.resolve("report.html"), html());
        }
    }
}
