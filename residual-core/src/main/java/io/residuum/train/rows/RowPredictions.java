package io.residuum.train.rows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.residuum.data.DataException;
import io.residuum.engine.Values;
import io.residuum.files.AtomicFiles;
import io.residuum.json.Json;
import io.residuum.model.Network;
import io.residuum.train.samples.Sample;
import io.residuum.train.samples.SampleLayout;
import io.residuum.train.samples.Samples;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Predicts the targets of rows and writes them as a table, one row for each row: numbers in the
 * units of the training table, the most probable category with its probability, the probability of
 * each label.
 */
public final class RowPredictions {
    private final Network network;
    private final RowHeader header;

    /**
     * Prepares predictions.
     *
     * @param network a network that was trained on rows
     * @throws DataException if it was trained on other data
     */
    public RowPredictions(Network network) {
        this.network = network;
        this.header = RowHeader.required(network.metadata());
    }

    /**
     * Predicts the targets of all rows.
     *
     * @param table the rows; columns of targets may be missing
     * @param batch the largest number of rows in a forward pass, positive
     * @param ignored further columns that are not used
     * @return the predictions of each row by column: text or numbers
     * @throws DataException with file, line and column if a value is not as the header says
     */
    public List<Map<String, Object>> predict(
            RowTable table, int batch, Collection<String> ignored) {
        table.require(header, false, ignored);
        SampleLayout layout = new SampleLayout(network.spec());
        List<Map<String, Object>> rows = new ArrayList<>();
        try (Samples samples = new RowSamples(table, header, layout, network.metadata(), false)) {
            for (int first = 0; first < samples.size(); first += batch) {
                List<Sample> some = new ArrayList<>();
                for (int i = first; i < Math.min(samples.size(), first + batch); i++) {
                    some.add(samples.get(i));
                }
                try (NDManager manager = network.backend().newManager()) {
                    Map<String, NDArray> outputs =
                            network.predictAll(
                                    layout.batch(some).inputs(manager, DataType.FLOAT32));
                    decode(outputs, some.size(), rows);
                }
            }
        }
        return rows;
    }

    private void decode(Map<String, NDArray> outputs, int count, List<Map<String, Object>> rows) {
        Map<String, float[]> values = new LinkedHashMap<>();
        outputs.forEach((name, array) -> values.put(name, Values.floats(array)));
        for (int row = 0; row < count; row++) {
            Map<String, Object> decoded = new LinkedHashMap<>();
            for (Map.Entry<String, float[]> output : values.entrySet()) {
                decode(output.getKey(), output.getValue(), row, count, decoded);
            }
            rows.add(decoded);
        }
    }

    private void decode(
            String output, float[] values, int row, int count, Map<String, Object> decoded) {
        int width = values.length / count;
        List<String> columns = header.targets().getOrDefault(output, List.of());
        int at = row * width;
        for (String column : columns) {
            ColumnSpec spec = header.column(column);
            decoded.putAll(spec.decode(column, values, at));
            at += spec.outputNames(column).size();
        }
        if (columns.isEmpty()) {
            // An output without a target in the header is written as it is.
            for (int i = 0; i < width; i++) {
                decoded.put(
                        width == 1 ? output : output + "." + i, (double) values[row * width + i]);
            }
        }
    }

    /**
     * Writes predictions.
     *
     * @param rows the predictions
     * @param file a {@code .csv} or {@code .jsonl} file; an existing one is replaced atomically
     * @throws DataException if the file is of another kind or cannot be written
     */
    public static void write(List<Map<String, Object>> rows, Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (!name.endsWith(".csv") && !name.endsWith(".jsonl")) {
            throw new DataException(
                    file + ": predictions of rows must be written to a .csv or .jsonl file");
        }
        try {
            AtomicFiles.write(
                    file,
                    out -> {
                        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
                        if (name.endsWith(".csv")) {
                            writeCsv(rows, writer);
                        } else {
                            for (Map<String, Object> row : rows) {
                                writer.write(Json.of(row).compact() + "\n");
                            }
                        }
                        writer.flush();
                    });
        } catch (IOException e) {
            throw new DataException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * {@return predictions as CSV, with the names of the columns}
     *
     * @param rows the predictions, at least one
     */
    public static String csv(List<Map<String, Object>> rows) {
        StringWriter text = new StringWriter();
        try {
            writeCsv(rows, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void writeCsv(List<Map<String, Object>> rows, Writer out) throws IOException {
        CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(out);
        csv.writeRecord(rows.get(0).keySet());
        for (Map<String, Object> row : rows) {
            csv.writeRecord(row.values().stream().map(String::valueOf).toList());
        }
        csv.flush();
    }
}
