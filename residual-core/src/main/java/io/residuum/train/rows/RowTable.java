package io.residuum.train.rows;

import com.google.common.base.Throwables;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import io.residuum.json.JsonText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a file in memory, UTF-8:
 *
 * <ul>
 *   <li>{@code .csv} (RFC 4180), the first line names the columns
 *   <li>{@code .tsv}: the same with tabs
 *   <li>{@code .jsonl}: one object per line
 *   <li>{@code .parquet}, with the library {@code blue.strategic.parquet:parquet-floor} on the
 *       class path: columns without lists and fields, in any of its usual compressions
 * </ul>
 */
public final class RowTable {
    /** Texts that usually stand for a missing value. */
    static final Set<String> MISSING = Set.of("", "NA", "NaN", "nan", "null", "?");

    /** The bytes of a row and of each of its values, upper estimates. */
    private static final int ROW_BYTES = 64;

    private static final int VALUE_BYTES = 64;

    private final Path file;
    private final Map<String, Integer> columns = new LinkedHashMap<>();
    private final List<Row> rows = new ArrayList<>();

    /** The values by the index of their column; later columns of JSON lines may be absent. */
    private record Row(long line, @Nullable Json[] values) {}

    private RowTable(Path file) {
        this.file = file;
    }

    /** {@return true if a file is a table, by its extension} */
    public static boolean isTable(Path file) {
        return Set.of("csv", "tsv", "jsonl", "parquet").contains(extension(file));
    }

    private static String extension(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /**
     * Reads a file.
     *
     * @param file a table
     * @throws DataException with file and line if it is not valid, or has no rows
     */
    public static RowTable read(Path file) {
        RowTable table = new RowTable(file);
        try {
            switch (extension(file)) {
                case "csv" -> table.readSeparated(',');
                case "tsv" -> table.readSeparated('\t');
                case "jsonl" -> table.readLines();
                case "parquet" -> table.readParquet();
                default ->
                        throw new DataException(
                                file + ": a table must be a .csv, .tsv, .jsonl or .parquet file");
            }
        } catch (IOException | UncheckedIOException e) {
            boolean malformed =
                    Throwables.getCausalChain(e).stream()
                            .anyMatch(CharacterCodingException.class::isInstance);
            throw new DataException(
                    malformed
                            ? file + ": must be UTF-8, found other bytes"
                            : "cannot read " + file + ": " + e.getMessage(),
                    e);
        }
        if (table.rows.isEmpty()) {
            throw new DataException(file + ": must have rows, found none");
        }
        return table;
    }

    private void readSeparated(char separator) throws IOException {
        long line = 1;
        List<String> names = null;
        try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8);
                CsvReader<CsvRecord> records =
                        CsvReader.builder()
                                .fieldSeparator(separator)
                                .skipEmptyLines(true)
                                .allowExtraFields(true)
                                .allowMissingFields(true)
                                .allowExtraCharsAfterClosingQuote(false)
                                .ofCsvRecord(in)) {
            for (CsvRecord each : records) {
                line = each.getStartingLineNumber();
                if (names == null) {
                    names = named(each.getFields());
                } else {
                    addSeparated(names, line, each.getFields());
                }
            }
        } catch (CsvParseException e) {
            throw new DataException(
                    "%s: must be a table, but the row after line %d is invalid: %s"
                            .formatted(file, line, reason(e)),
                    e);
        }
    }

    private static String reason(CsvParseException e) {
        Throwable cause = e.getCause();
        return String.valueOf((cause == null ? e : cause).getMessage());
    }

    private List<String> named(List<String> fields) {
        List<String> names = new ArrayList<>(fields);
        if (names.get(0).startsWith("\uFEFF")) {
            names.set(0, names.get(0).substring(1));
        }
        for (String name : names) {
            if (name.isBlank() || columns.putIfAbsent(name, columns.size()) != null) {
                throw new DataException(
                        "%s: line 1 must name each column once, found %s %s"
                                .formatted(
                                        file,
                                        JsonText.quote(name),
                                        name.isBlank() ? "as a name" : "twice"));
            }
        }
        return names;
    }

    private void addSeparated(List<String> names, long line, List<String> fields) {
        if (fields.size() != names.size()) {
            throw new DataException(
                    "%s: line %d must have %d columns as line 1 names them, found %d"
                            .formatted(file, line, names.size(), fields.size()));
        }
        rows.add(
                new Row(
                        line,
                        fields.stream().map(text -> new Json.Str(0, text)).toArray(Json[]::new)));
    }

    private void readLines() throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            long number = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                if (!line.isBlank()) {
                    addObject(number, line);
                }
            }
        }
    }

    private void addObject(long number, String line) {
        try {
            Json json = JsonReader.parse(line, line(number));
            if (!(json instanceof Json.Obj object)) {
                throw new DataException(
                        "%s: must be an object, found %s"
                                .formatted(
                                        line(number), json.kind().name().toLowerCase(Locale.ROOT)));
            }
            add(number, object.members());
        } catch (JsonException e) {
            throw new DataException(String.valueOf(e.getMessage()), e);
        }
    }

    private void readParquet() throws IOException {
        ParquetRows.read(
                file,
                new ParquetRows.Rows() {
                    @Override
                    public void columns(List<String> names) {
                        names.forEach(name -> columns.put(name, columns.size()));
                    }

                    private long free = Runtime.getRuntime().maxMemory() / 2;

                    /** Counts memory, since a few bytes may state a billion equal rows. */
                    @Override
                    public void row(Map<String, Json> values) {
                        free -= ROW_BYTES + (long) VALUE_BYTES * columns.size();
                        for (Json value : values.values()) {
                            free -= 2L * value.string("").length();
                        }
                        if (free < 0) {
                            throw new DataException(
                                    "%s: row %d and those before need more than half of Java's memory; give Java more (-Xmx), or divide the table"
                                            .formatted(file, rows.size() + 1));
                        }
                        add(rows.size() + 1L, values);
                    }
                });
    }

    private void add(long line, Map<String, Json> values) {
        values.keySet().forEach(name -> columns.putIfAbsent(name, columns.size()));
        @Nullable Json[] found = new Json[columns.size()];
        columns.forEach((name, index) -> found[index] = values.get(name));
        rows.add(new Row(line, found));
    }

    private @Nullable Json value(Row row, String column) {
        Integer index = columns.get(column);
        return index == null || index >= row.values().length ? null : row.values()[index];
    }

    /** Returns the place of a row. */
    String place(int row) {
        return line(rows.get(row).line());
    }

    /** Returns the place of a row: its line in texts, its number in other files. */
    private String line(long line) {
        return file + (extension(file).equals("parquet") ? ": row " : ": line ") + line;
    }

    /** {@return the file} */
    public Path file() {
        return file;
    }

    /** {@return the names of the columns, in order} */
    public List<String> columns() {
        return List.copyOf(columns.keySet());
    }

    /** {@return the number of rows, at least 1} */
    public int size() {
        return rows.size();
    }

    /**
     * {@return true if a column has numbers, apart from missing values}
     *
     * @param column the name of the column
     */
    public boolean isNumeric(String column) {
        boolean some = false;
        for (Row row : rows) {
            String text = presentText(row, column);
            if (!text.isEmpty()) {
                some = true;
                if (Double.isNaN(Cell.parse(text))) {
                    return false;
                }
            }
        }
        return some;
    }

    /** Returns the text of a value without spaces around it, empty if it is missing. */
    private String presentText(Row row, String column) {
        Json value = value(row, column);
        String text = value == null ? "" : value.string(value.compact()).strip();
        return MISSING.contains(text) ? "" : text;
    }

    /**
     * {@return the first value of a column that is no number, if most others are; a typing error
     * makes a column of numbers one of categories}
     *
     * @param column the name of the column
     */
    Optional<Cell> exceptionAmongNumbers(String column) {
        int numbers = 0;
        int others = 0;
        int first = -1;
        for (int i = 0; i < rows.size(); i++) {
            String text = presentText(rows.get(i), column);
            if (!text.isEmpty() && Double.isNaN(Cell.parse(text))) {
                first = others == 0 ? i : first;
                others++;
            } else if (!text.isEmpty()) {
                numbers++;
            }
        }
        return others > 0 && numbers > others
                ? Optional.of(cell(first, column, List.of()))
                : Optional.empty();
    }

    /**
     * {@return a value}
     *
     * @param row the index of the row
     * @param column the name of the column
     * @param missing texts that stand for a missing value
     */
    public Cell cell(int row, String column, Collection<String> missing) {
        Json value = value(rows.get(row), column);
        boolean absent =
                value == null
                        || value.kind() == Json.Kind.NULL
                        || (value.kind() == Json.Kind.STRING && missing.contains(value.string("")));
        return new Cell(this, row, column, absent ? null : value);
    }

    /** {@return the values of a column in some rows} */
    List<Cell> cells(String column, Collection<String> missing, int... some) {
        List<Cell> cells = new ArrayList<>(some.length);
        for (int row : some) {
            cells.add(cell(row, column, missing));
        }
        return cells;
    }

    /**
     * Requires that the columns are those of a header, so that nothing is read by mistake.
     *
     * @param targets true if the columns of targets must be there
     * @param ignored further columns that are not used
     * @throws DataException if a column is missing or unknown, or an ignored one is not there
     */
    public void require(RowHeader header, boolean targets, Collection<String> ignored) {
        Set<String> wanted = new LinkedHashSet<>(header.inputColumns());
        if (targets) {
            wanted.addAll(header.targetColumns());
        }
        Optional<String> absent = wanted.stream().filter(c -> !columns.containsKey(c)).findFirst();
        if (absent.isPresent()) {
            throw new DataException(
                    "%s: must have the column %s of the header, found %s"
                            .formatted(file, JsonText.quote(absent.get()), columns()));
        }
        ignored.stream()
                .filter(column -> !columns.containsKey(column))
                .findFirst()
                .ifPresent(
                        column -> {
                            throw new DataException(
                                    "%s: a column to leave out must be in the table, found no %s among %s"
                                            .formatted(file, JsonText.quote(column), columns()));
                        });
        for (String column : columns.keySet()) {
            if (!header.columns().containsKey(column)
                    && !header.ignore().contains(column)
                    && !ignored.contains(column)) {
                throw new DataException(
                        "%s: a column must be one of the header, %s, found %s: add it there, to columns or to ignore"
                                .formatted(
                                        file, header.columns().keySet(), JsonText.quote(column)));
            }
        }
    }
}
