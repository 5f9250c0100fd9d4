package io.residuum.train.predictions;

import de.siegmar.fastcsv.writer.CsvWriter;
import io.residuum.files.AtomicFiles;
import io.residuum.json.Json;
import io.residuum.spec.SpecException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes the predictions of an evaluation to a file, one row a sample, while the network runs. The
 * file is complete or absent.
 *
 * <pre>{@code
 * EvaluationResult result =
 *         PredictionFile.of(Path.of("predictions.csv"))
 *                 .write(to -> task.evaluate(
 *                         network, EvaluationOptions.of(64).with().predictions(to).build()));
 * }</pre>
 *
 * <p>A row has the name of the sample as {@code sample}. Classes have {@code label}, {@code
 * prediction}, {@code probability} and, up to 100 of them, {@code probabilities}. Labels that are 0
 * or 1 have {@code labels}, {@code predictions} and {@code probabilities}, and numbers {@code true}
 * and {@code predicted}. Outputs with more positions or numbers have the {@code accuracy} or {@code
 * rmse} of the sample. If several outputs have targets, each has an object of its name. CSV has a
 * column for each value, named by its path: {@code policy.probabilities.win}.
 */
public final class PredictionFile {
    private final Path file;
    private final boolean csv;

    private PredictionFile(Path file, boolean csv) {
        this.file = file;
        this.csv = csv;
    }

    /**
     * {@return a file that is not written yet}
     *
     * @param file ends in {@code .csv} or {@code .jsonl}
     * @throws SpecException if it ends in anything else
     */
    public static PredictionFile of(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (!name.endsWith(".csv") && !name.endsWith(".jsonl")) {
            throw new SpecException(
                    "a file of predictions must end in .csv or .jsonl, got %s".formatted(file));
        }
        return new PredictionFile(file, name.endsWith(".csv"));
    }

    /**
     * Runs an evaluation and writes its predictions. If it fails, the file is not written.
     *
     * @param evaluation runs the evaluation with the given receiver
     * @param <T> its result
     * @return its result
     * @throws UncheckedIOException if the file cannot be written, with a message that names it
     */
    public <T> T write(Function<PredictionListener, T> evaluation) {
        AtomicReference<T> result = new AtomicReference<>();
        try {
            AtomicFiles.write(file, out -> result.set(evaluation.apply(listener(out))));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        return Objects.requireNonNull(result.get());
    }

    private PredictionListener listener(OutputStream out) {
        if (!csv) {
            return (samples, outputs) ->
                    rows(samples, outputs)
                            .forEach(row -> write(out, Json.of(row).compact() + "\n"));
        }
        // Not closed: the stream belongs to the file.
        CsvWriter writer = CsvWriter.builder().build(out, StandardCharsets.UTF_8);
        return new PredictionListener() {
            private @Nullable List<String> header;

            @Override
            public void predicted(List<String> samples, Map<String, Predicted> outputs) {
                for (Map<String, @Nullable Object> row : rows(samples, outputs)) {
                    Map<String, String> cells = new LinkedHashMap<>();
                    flatten("", row, cells);
                    if (header == null) {
                        header = List.copyOf(cells.keySet());
                        writer.writeRecord(header);
                    }
                    writer.writeRecord(cells.values());
                }
                flush(writer);
            }
        };
    }

    private static List<Map<String, @Nullable Object>> rows(
            List<String> samples, Map<String, PredictionListener.Predicted> outputs) {
        Map<String, PredictionRows> byOutput = new LinkedHashMap<>();
        outputs.forEach((name, predicted) -> byOutput.put(name, new PredictionRows(predicted)));
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            int sample = i;
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            row.put("sample", samples.get(i));
            if (byOutput.size() == 1) {
                row.putAll(byOutput.values().iterator().next().row(sample));
            } else {
                byOutput.forEach((name, output) -> row.put(name, output.row(sample)));
            }
            rows.add(row);
        }
        return rows;
    }

    private static void flatten(
            String prefix, Map<?, ? extends @Nullable Object> row, Map<String, String> cells) {
        row.forEach(
                (key, value) -> {
                    if (value instanceof Map<?, ?> inner) {
                        flatten(prefix + key + ".", inner, cells);
                    } else {
                        cells.put(
                                prefix + key,
                                Optional.ofNullable(value).map(Object::toString).orElse(""));
                    }
                });
    }

    private static void write(OutputStream out, String line) {
        try {
            out.write(line.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void flush(CsvWriter writer) {
        try {
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
