package io.residuum.inspect;

import de.siegmar.fastcsv.writer.CsvWriter;
import io.residuum.draw.Markup;
import io.residuum.draw.Page;
import io.residuum.draw.Section;
import io.residuum.files.AtomicFiles;
import io.residuum.files.FolderLock;
import io.residuum.json.Json;
import io.residuum.model.Network;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The results of several analyses of one network, as a page, JSON and files.
 *
 * @param model the name of the network
 * @param data one line about the samples
 * @param findings the results, in order
 * @param omitted the reasons why analyses do not fit the network or the data, by their names
 */
public record Inspection(
        String model, String data, List<Finding> findings, Map<String, String> omitted) {
    static final Logger LOG = LoggerFactory.getLogger(Inspection.class);

    public Inspection {
        findings = List.copyOf(findings);
        omitted = Collections.unmodifiableMap(new LinkedHashMap<>(omitted));
    }

    /**
     * Runs analyses.
     *
     * @param subject the network and its samples
     * @return their results
     * @throws InspectionException if an analysis does not fit the network or the data
     */
    public static Inspection run(Subject subject, List<? extends Analysis> analyses) {
        return run(
                subject,
                analyses,
                (analysis, reason) -> {
                    throw reason;
                });
    }

    /**
     * Runs those of several analyses that fit the network and the data.
     *
     * @param subject the network and its samples
     * @return the results, and why others are missing
     */
    public static Inspection runFitting(Subject subject, List<? extends Analysis> analyses) {
        Map<String, String> omitted = new LinkedHashMap<>();
        Inspection found =
                run(
                        subject,
                        analyses,
                        (analysis, reason) ->
                                omitted.put(analysis.name(), String.valueOf(reason.getMessage())));
        return new Inspection(found.model, found.data, found.findings, omitted);
    }

    private static Inspection run(
            Subject subject,
            List<? extends Analysis> analyses,
            BiConsumer<Analysis, InspectionException> misfit) {
        Network network = subject.network();
        // Norms that use statistics of the batch update their running ones.
        Map<String, Supplier<float[]>> buffers = new LinkedHashMap<>();
        network.buffers()
                .forEach(
                        (path, buffer) -> {
                            float[] values = buffer.getArray().toFloatArray();
                            buffers.put(path, () -> values);
                        });
        List<Finding> findings = new ArrayList<>();
        for (Analysis analysis : analyses) {
            try {
                findings.add(analysis.run(subject));
            } catch (InspectionException e) {
                misfit.accept(analysis, e);
            } finally {
                network.loadValues(buffers);
            }
        }
        return new Inspection(network.spec().name(), subject.description(), findings, Map.of());
    }

    /**
     * {@return the result of an analysis}
     *
     * @param analysis its name
     * @throws java.util.NoSuchElementException if it did not run
     */
    public Finding finding(String analysis) {
        return findings.stream().filter(f -> f.name().equals(analysis)).findFirst().orElseThrow();
    }

    /** {@return the page, to be stored in UTF-8} */
    public String html() {
        List<Section> sections = new ArrayList<>();
        for (Finding finding : findings) {
            Markup body = new Markup().leaf("p", finding.text(), "class", "lead");
            body.append(charts(finding.figures())).append(tables("Numbers: ", finding));
            sections.add(new Section(finding.name(), finding.title(), body));
        }
        if (!omitted.isEmpty()) {
            Markup body = new Markup();
            omitted.forEach((name, reason) -> body.leaf("p", name + ": " + reason));
            sections.add(new Section("omitted", "Left out", body));
        }
        return Page.html("Inspection", model, data, Map.of(), sections);
    }

    static Markup charts(List<Figure> figures) {
        Markup out = new Markup().open("div", "class", "charts");
        figures.forEach(f -> out.open("figure").append(f.svg()).close());
        return out.close();
    }

    /** Returns the tables of a finding, folded, each with a label before its name. */
    static Markup tables(String label, Finding finding) {
        Markup out = new Markup();
        for (Table table : finding.tables()) {
            out.open("details").leaf("summary", label + table.name());
            out.open("div", "class", "wide").append(table(table)).close().close();
        }
        return out;
    }

    private static Markup table(Table table) {
        Markup out = new Markup().open("table", "class", "numbers").open("thead").open("tr");
        table.columns().forEach(column -> out.leaf("th", column));
        out.close().close().open("tbody");
        for (List<String> row : table.text()) {
            out.open("tr").leaf("td", row.get(0), "class", "name");
            row.stream().skip(1).forEach(value -> out.leaf("td", value));
            out.close();
        }
        return out.close().close();
    }

    /** {@return all tables by analysis and name, as JSON for people, ending with a line break} */
    public String json() {
        return Json.of(numbers()).pretty();
    }

    Map<String, Object> numbers() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("model", model);
        all.put("data", data);
        for (Finding finding : findings) {
            Map<String, Object> tables = new LinkedHashMap<>();
            for (Table table : finding.tables()) {
                tables.put(table.name(), objects(table));
            }
            all.put(finding.name(), tables);
        }
        if (!omitted.isEmpty()) {
            all.put("omitted", omitted);
        }
        return all;
    }

    private static List<Map<String, @Nullable Object>> objects(Table table) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (List<@Nullable Object> row : table.rows()) {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            for (int i = 0; i < row.size(); i++) {
                Object value = row.get(i);
                // JSON has no infinite numbers.
                boolean none = value instanceof Double d && !Double.isFinite(d);
                object.put(table.columns().get(i), none ? null : value);
            }
            rows.add(object);
        }
        return rows;
    }

    /**
     * Writes {@code report.html}, {@code inspection.json}, each table as {@code ANALYSIS-TABLE.csv}
     * and each picture as {@code ANALYSIS-PICTURE.svg}.
     *
     * @param folder the folder; created if absent
     * @throws IOException if a file cannot be written, with a message that names it, or another
     *     process writes to the folder
     */
    public void write(Path folder) throws IOException {
        try (FolderLock lock = FolderLock.create(folder, LOG::warn)) {
            writeFiles(folder);
        }
    }

    /** Writes into a folder that is locked, or below one. */
    void writeFiles(Path folder) throws IOException {
        for (Finding finding : findings) {
            for (Table table : finding.tables()) {
                Path file = folder.resolve(finding.name() + "-" + table.name() + ".csv");
                AtomicFiles.writeString(file, csv(table));
            }
            write(folder, finding.name(), finding.figures());
        }
        AtomicFiles.writeString(folder.resolve("inspection.json"), json());
        AtomicFiles.writeString(folder.resolve("report.html"), html());
    }

    static void write(Path folder, String analysis, List<Figure> figures) throws IOException {
        for (Figure figure : figures) {
            Path file = folder.resolve(analysis + "-" + figure.name() + ".svg");
            AtomicFiles.writeString(file, figure.standalone().toString());
        }
    }

    private static String csv(Table table) throws IOException {
        StringWriter text = new StringWriter();
        try (CsvWriter csv = CsvWriter.builder().build(text)) {
            csv.writeRecord(table.columns());
            for (List<@Nullable Object> row : table.rows()) {
                csv.writeRecord(row.stream().map(v -> v == null ? "" : v.toString()).toList());
            }
        }
        return text.toString();
    }
}
