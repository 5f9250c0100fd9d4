package io.residuum.transformer.text;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.residuum.data.DataException;
import io.residuum.data.FileNames;
import io.residuum.json.Json;
import io.residuum.train.rows.RowTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads texts and their labels.
 *
 * <ul>
 *   <li>{@code .csv} (RFC 4180): a header with a column {@code text} (or {@code sentence}, {@code
 *       review}) and a column {@code label} (or {@code class}, {@code category}, {@code
 *       sentiment}); other columns are left out with a warning. Without a header: two columns, the
 *       text first.
 *   <li>{@code .tsv}: the same with tabs. Quotes have no special meaning, as in GLUE.
 *   <li>{@code .jsonl}: one object per line with fields of these names.
 *   <li>a folder: one folder of .txt files per class. A folder {@code unsup} is ignored; IMDB uses
 *       it for texts without a label.
 * </ul>
 */
final class LabelledFiles {
    private static final List<String> TEXT = List.of("text", "sentence", "review");
    private static final List<String> LABEL = List.of("label", "class", "category", "sentiment");
    private static final Set<String> NO_CLASS = Set.of("unsup");
    private static final String ROW =
            "a header with the columns text and label, or two columns, the text first";

    private static final Logger LOG = LoggerFactory.getLogger(LabelledFiles.class);

    /** The number of names in a warning. */
    private static final int SHOWN = 5;

    private LabelledFiles() {}

    static List<LabelledRow> read(Path place) {
        if (Files.isDirectory(place)) {
            return folder(place);
        }
        String name = place.toString().toLowerCase(Locale.ROOT);
        List<LabelledRow> rows;
        if (name.endsWith(".csv")) {
            rows = table(place, CsvSchema.emptySchema());
        } else if (name.endsWith(".tsv")) {
            rows =
                    table(
                            place,
                            CsvSchema.emptySchema().withColumnSeparator('\t').withoutQuoteChar());
        } else if (name.endsWith(".jsonl")) {
            rows = jsonLines(place);
        } else {
            throw new DataException(
                    place + ": labelled texts must be a .csv, .tsv or .jsonl file or a folder");
        }
        if (rows.isEmpty()) {
            throw new DataException(place + ": must contain labelled texts, but has none");
        }
        return rows;
    }

    /** Returns true if a table has columns of texts and labels, or two columns without names. */
    static boolean isIn(Path file) {
        RowTable table;
        try {
            table = RowTable.read(file);
        } catch (DataException e) {
            // Without names, two rows may begin equally; reading labelled texts reports real
            // errors.
            return true;
        }
        String[] columns = table.columns().toArray(String[]::new);
        boolean named = column(columns, TEXT).isPresent() && column(columns, LABEL).isPresent();
        return named || (columns.length == 2 && !table.isNumeric(columns[0]));
    }

    private static List<LabelledRow> table(Path file, CsvSchema schema) {
        List<LabelledRow> rows = new ArrayList<>();
        CsvMapper mapper =
                CsvMapper.csvBuilder()
                        .enable(CsvParser.Feature.WRAP_AS_ARRAY)
                        .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
                        .build();
        String content = Utf8.read(file);
        int line = 0;
        try (MappingIterator<String[]> lines =
                mapper.readerFor(String[].class).with(schema).readValues(content)) {
            int text = 0;
            int label = 1;
            int columns = 2;
            for (int row = 1; lines.hasNextValue(); row++) {
                String[] cells = lines.nextValue();
                line = lastLine(lines.getCurrentLocation());
                if (row == 1) {
                    Optional<Integer> textColumn = column(cells, TEXT);
                    Optional<Integer> labelColumn = column(cells, LABEL);
                    if (textColumn.isPresent() && labelColumn.isPresent()) {
                        text = textColumn.get();
                        label = labelColumn.get();
                        columns = cells.length;
                        Set<String> unused = new LinkedHashSet<>(Arrays.asList(cells));
                        unused.removeAll(Arrays.asList(cells[text], cells[label]));
                        noteUnused(file, unused);
                        continue;
                    }
                }
                if (cells.length != columns) {
                    throw new DataException(
                            String.format(
                                    "%s: line %d must have %d columns (%s), found %d",
                                    file, line, columns, ROW, cells.length));
                }
                rows.add(row(cells[text], cells[label], file, line));
            }
        } catch (IOException | RuntimeException e) {
            throw e instanceof DataException known
                    ? known
                    : new DataException(
                            String.format(
                                    "%s: must be a table, but the row after line %d is invalid: %s",
                                    file,
                                    line,
                                    TextFiles.firstLine(String.valueOf(e.getMessage()))),
                            e);
        }
        return rows;
    }

    /**
     * Returns the last line of a row. The reader may already be at the beginning of the next line.
     */
    private static int lastLine(JsonLocation reader) {
        return reader.getLineNr() - (reader.getColumnNr() == 1 ? 1 : 0);
    }

    private static Optional<Integer> column(String[] header, List<String> names) {
        List<String> cells =
                Arrays.stream(header).map(cell -> cell.strip().toLowerCase(Locale.ROOT)).toList();
        return names.stream().filter(cells::contains).map(cells::indexOf).findFirst();
    }

    private static List<LabelledRow> jsonLines(Path file) {
        List<LabelledRow> rows = new ArrayList<>();
        Set<String> used = new HashSet<>();
        Set<String> unused = new LinkedHashSet<>();
        int number = 0;
        for (String line : Utf8.read(file).split("\n")) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            Json json = TextFiles.parse(line, file + ": line " + number);
            rows.add(row(field(json, TEXT, used), field(json, LABEL, used), file, number));
            if (json instanceof Json.Obj object) {
                unused.addAll(object.members().keySet());
            }
        }
        unused.removeAll(used);
        noteUnused(file, unused);
        return rows;
    }

    private static String field(Json json, List<String> names, Set<String> used) {
        for (String name : names) {
            Optional<String> found = text(json.get(name));
            if (found.isPresent()) {
                used.add(name);
                return found.get();
            }
        }
        return "";
    }

    private static void noteUnused(Path file, Set<String> columns) {
        if (!columns.isEmpty()) {
            LOG.warn("{}: columns that are not used: {}", file, String.join(", ", columns));
        }
    }

    /** Logs the number of files and folders that are not read, apart from hidden ones. */
    static void noteOthers(Path folder, Collection<Path> read, String reason) {
        List<String> others =
                sorted(folder).stream()
                        .filter(entry -> !read.contains(entry))
                        .map(FileNames::of)
                        .filter(name -> !name.startsWith("."))
                        .toList();
        if (!others.isEmpty()) {
            LOG.warn(
                    "{}: {} left out, {}: {}{}",
                    folder,
                    others.size() == 1 ? "1 file or folder" : others.size() + " files and folders",
                    reason,
                    others.stream().limit(SHOWN).collect(Collectors.joining(", ")),
                    others.size() > SHOWN ? ", ..." : "");
        }
    }

    private static Optional<String> text(Json value) {
        return switch (value.kind()) {
            case STRING -> Optional.of(value.string(""));
            case NUMBER, BOOLEAN -> Optional.of(value.compact());
            case ARRAY, OBJECT, NULL -> Optional.empty();
        };
    }

    private static LabelledRow row(String text, String label, Path file, int line) {
        if (text.isBlank() || label.isBlank()) {
            throw new DataException(
                    String.format(
                            "%s: line %d must have a text and a label, found no %s",
                            file, line, text.isBlank() ? "text" : "label"));
        }
        return new LabelledRow(text, label.strip());
    }

    private static List<LabelledRow> folder(Path folder) {
        List<LabelledRow> rows = new ArrayList<>();
        List<Path> classes = new ArrayList<>();
        for (Path one : sorted(folder)) {
            String label = FileNames.of(one);
            if (!Files.isDirectory(one) || label.startsWith(".") || NO_CLASS.contains(label)) {
                continue;
            }
            classes.add(one);
            List<Path> texts =
                    sorted(one).stream()
                            .filter(f -> f.toString().toLowerCase(Locale.ROOT).endsWith(".txt"))
                            .toList();
            texts.forEach(file -> rows.add(new LabelledRow(Utf8.read(file), label)));
            noteOthers(one, texts, "no .txt files");
            if (texts.isEmpty()) {
                throw new DataException(one + ": must contain .txt files, but has none");
            }
        }
        if (rows.isEmpty()) {
            throw new DataException(
                    folder + ": must contain one folder of .txt files per class, but has none");
        }
        noteOthers(folder, classes, "no folders of a class");
        return rows;
    }

    private static List<Path> sorted(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted(Comparator.comparing(Path::toString)).toList();
        } catch (IOException e) {
            throw TextFiles.unreadable(folder, e);
        }
    }
}
