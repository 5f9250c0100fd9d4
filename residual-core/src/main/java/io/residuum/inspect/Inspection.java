package io.residuum.inspect;

import de.siegmar.fastcsv.writer.CsvWriter;
import io.residuum.draw.Markup;
import io.residuum.draw.Page;
import io.residuum.draw.Section;
import io.residuum.files.AtomicFiles;
import io.residuum.json.Json;
import io.residuum.model.Network;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The results of several analyses of one network, as a page, JSON and files.
 *
 * @param model the name of the network
 * @param data one line about the samples
 * @param findings the results, in order
 */
public record Inspection(String model, String data, List<Finding> findings) {

    public Inspection {
        findings = List.copyOf(findings);
    }

    /**
     * Runs analyses.
     *
     * @param subject the network and its samples
     * @param analyses the analyses
     * @return their results
     * @throws InspectionException if an analysis does not fit the network or the data
     */
    public static Inspection run(Subject subject, List<? extends Analysis> analyses) {
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
            findings.add(analysis.run(subject));
            network.loadValues(buffers);
        }
        return new Inspection(network.spec().name(), subject.description(), findings);
    }

    /** {@return the page, to be stored in UTF-8} */
    public String html() {
        List<Section> sections = new ArrayList<>();
        for (Finding finding : findings) {
            Markup body = new Markup().leaf("p", finding.text(), "class", "lead");
            body.open("div", "class", "charts");
            finding.figures().forEach(f -> body.open("figure").append(f.svg()).close());
            body.close();
            for (Table table : finding.tables()) {
                body.open("details").leaf("summary", "Numbers: " + table.name());
                body.open("div", "class", "wide").append(table(table)).close().close();
            }
            sections.add(new Section(finding.name(), finding.title(), body));
        }
        return Page.html("Inspection", model, data, Map.of(), sections);
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
        return Json.of(all).pretty();
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
     * @throws IOException if a file cannot be written, with a message that names it
     */
    public void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (Finding finding : findings) {
            for (Table table : finding.tables()) {
                Path file = folder.resolve(finding.name() + "-" + table.name() + ".csv");
                AtomicFiles.writeString(file, csv(table));
            }
            for (Figure figure : finding.figures()) {
                Path file = folder.resolve(finding.name() + "-" + figure.name() + ".svg");
                AtomicFiles.writeString(file, figure.standalone().toString());
            }
        }
        AtomicFiles.writeString(folder.resolve("inspection.json"), json());
        AtomicFiles.writeString(folder.resolve("report.html"), html());
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
