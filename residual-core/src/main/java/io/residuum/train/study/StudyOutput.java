package io.residuum.train.study;

import de.siegmar.fastcsv.writer.CsvWriter;
import io.residuum.files.AtomicFiles;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes tables, curves and report of a study. */
record StudyOutput(StudyResult result, String backend) {
    void write(Path folder) {
        StudyFolder files = new StudyFolder(folder);
        AtomicFiles.writeText(files.numbers(), result.json());
        AtomicFiles.writeText(folder.resolve("runs.csv"), csv(runs()));
        AtomicFiles.writeText(folder.resolve("table.csv"), csv(table()));
        StudyCharts charts = new StudyCharts(result);
        charts.file()
                .ifPresent(curves -> AtomicFiles.writeText(folder.resolve("curves.svg"), curves));
        AtomicFiles.writeText(
                files.report(), new StudyReport(result, charts, files, backend).html());
    }

    private static String csv(List<List<String>> rows) {
        StringWriter text = new StringWriter();
        try (CsvWriter writer = CsvWriter.builder().build(text)) {
            rows.forEach(writer::writeRecord);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private List<List<String>> runs() {
        List<String> measures = result.measures();
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("variant", "seed"));
        settings().forEach(head::add);
        head.addAll(List.of("outcome", "epochs", "best epoch", "seconds"));
        head.addAll(measures);
        rows.add(head);
        for (VariantResult variant : result.rows()) {
            for (RunResult run : variant.runs()) {
                RunRecord record = run.result();
                List<String> row = new ArrayList<>();
                row.add(variant.variant().name());
                row.add(Long.toString(run.run().seed()));
                settings().forEach(path -> row.add(variant.variant().setting(path)));
                row.add(record.outcome().name().toLowerCase(Locale.ROOT));
                row.add(Integer.toString(record.epochs()));
                row.add(Integer.toString(record.bestEpoch()));
                row.add(Double.toString(record.seconds()));
                measures.forEach(m -> row.add(text(record.measures().get(m))));
                rows.add(row);
            }
        }
        return rows;
    }

    private List<List<String>> table() {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("variant"));
        settings().forEach(head::add);
        head.addAll(List.of("parameters", "macs", "mean seconds", "diverged"));
        for (String measure : result.measures()) {
            head.add(measure + " runs");
            head.add(measure + " mean");
            head.add(measure + " deviation");
            head.add(measure + " low");
            head.add(measure + " high");
        }
        rows.add(head);
        for (VariantResult variant : result.rows()) {
            List<String> row = new ArrayList<>();
            row.add(variant.variant().name());
            settings().forEach(path -> row.add(variant.variant().setting(path)));
            Optional<RunRecord> any = variant.runs().stream().map(RunResult::result).findFirst();
            row.add(any.map(r -> Long.toString(r.parameters())).orElse(""));
            row.add(any.map(r -> Long.toString(r.macs())).orElse(""));
            row.add(
                    variant.seconds().isPresent()
                            ? Double.toString(variant.seconds().getAsDouble())
                            : "");
            row.add(Integer.toString(variant.diverged()));
            for (String measure : result.measures()) {
                Optional<Interval> spread = variant.spread(measure);
                row.add(spread.map(s -> Integer.toString(s.runs())).orElse("0"));
                row.add(cell(spread, Interval::mean));
                row.add(cell(spread, Interval::deviation));
                row.add(cell(spread, Interval::low));
                row.add(cell(spread, Interval::high));
            }
            rows.add(row);
        }
        return rows;
    }

    /** Returns the paths of all settings, if the variants do not have them in their names. */
    private List<String> settings() {
        return result.study().search() == null
                ? List.of()
                : result.variants().stream()
                        .flatMap(v -> v.variant().settings().stream())
                        .map(Variant.Setting::path)
                        .distinct()
                        .toList();
    }

    private static String cell(
            Optional<Interval> spread, Function<Interval, @Nullable Double> part) {
        return spread.map(part).map(StudyOutput::text).orElse("");
    }

    private static String text(@Nullable Double value) {
        return value == null ? "" : value.toString();
    }
}
