package io.residuum.train.rows;

import io.residuum.data.DataException;
import io.residuum.json.JsonText;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.json.SpecJson;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The header of a table: what its columns hold, and which inputs and outputs of a network they
 * belong to.
 *
 * @param columns the columns by name
 * @param inputs the columns of each input by its name, {@code input} for a network that has one.
 *     Several columns are joined to a vector, in this order
 * @param targets the columns of each output by its name, {@code output} for a network that has one.
 *     A category stands alone; several columns of numbers, or of labels, are joined to a vector
 * @param ignore columns of the table that are not used. Default: none
 * @param missing texts that stand for a missing value. Default: the empty text
 */
public record RowHeader(
        Map<String, ColumnSpec> columns,
        Map<String, List<String>> inputs,
        Map<String, List<String>> targets,
        @Default("[]") List<String> ignore,
        @Default("[\"\"]") List<String> missing) {

    /** The key of the header in the metadata of a model. */
    public static final String METADATA = "residuum.rows";

    public RowHeader {
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        inputs = copied("inputs", inputs, columns);
        targets = copied("targets", targets, columns);
        requireOneLoss(targets, columns);
        ignore = List.copyOf(ignore);
        missing = List.copyOf(missing);
        Check.that(!inputs.isEmpty(), "inputs must name the columns of an input, got none");
        Set<String> unused = new LinkedHashSet<>(columns.keySet());
        inputs.values().forEach(unused::removeAll);
        targets.values().forEach(unused::removeAll);
        Check.that(
                unused.isEmpty(),
                "columns must belong to an input or a target, got %s that belong to none: move them"
                        + " to ignore",
                unused);
        for (String name : ignore) {
            Check.that(
                    !columns.containsKey(name),
                    "ignore must not name a column that is used, got %s",
                    JsonText.quote(name));
        }
    }

    private static Map<String, List<String>> copied(
            String key, Map<String, List<String>> uses, Map<String, ColumnSpec> columns) {
        Map<String, List<String>> copy = new LinkedHashMap<>();
        uses.forEach(
                (name, used) -> {
                    Check.that(
                            !used.isEmpty(),
                            "%s must name one column or more for %s, got none",
                            key,
                            JsonText.quote(name));
                    for (String column : used) {
                        Check.that(
                                columns.containsKey(column),
                                "%s must name columns of the header, %s, got %s",
                                key,
                                columns.keySet(),
                                JsonText.quote(column));
                    }
                    copy.put(name, List.copyOf(used));
                });
        return Collections.unmodifiableMap(copy);
    }

    /** Requires outputs of labels alone or of none, since no loss suits both. */
    private static void requireOneLoss(
            Map<String, List<String>> targets, Map<String, ColumnSpec> columns) {
        targets.forEach(
                (output, used) -> {
                    List<String> labels =
                            used.stream()
                                    .filter(name -> columns.get(name) instanceof LabelsColumn)
                                    .toList();
                    Check.that(
                            labels.isEmpty() || labels.size() == used.size(),
                            "targets must not join labels with other columns, since no loss suits"
                                    + " both, got the labels %s among %s of %s: give them an output"
                                    + " of their own",
                            labels,
                            used,
                            JsonText.quote(output));
                });
    }

    /**
     * Reads a header.
     *
     * @param file a JSON file
     * @throws io.residuum.spec.SpecException with file, line and path if it is not valid
     */
    public static RowHeader read(Path file) {
        return SpecJson.standard().read(file, RowHeader.class);
    }

    /**
     * {@return the header that a trained model was saved with; empty if it was trained on other
     * data}
     */
    public static Optional<RowHeader> of(ModelMetadata metadata) {
        return metadata.entry(METADATA)
                .map(json -> SpecJson.standard().parse(json, METADATA, RowHeader.class));
    }

    /**
     * {@return the header that a trained model was saved with}
     *
     * @throws DataException if it was trained on other data
     */
    public static RowHeader required(ModelMetadata metadata) {
        return of(metadata)
                .orElseThrow(
                        () ->
                                new DataException(
                                        "rows need a model that was trained on rows, but this one"
                                                + " has no header of columns: train it with --data"
                                                + " rows:FILE"));
    }

    /** {@return the header as JSON for people} */
    public String json() {
        return SpecJson.standard().write(this);
    }

    /** {@return the columns of all targets} */
    public Set<String> targetColumns() {
        Set<String> all = new LinkedHashSet<>();
        targets.values().forEach(all::addAll);
        return all;
    }

    /** {@return the columns of all inputs} */
    public Set<String> inputColumns() {
        Set<String> all = new LinkedHashSet<>();
        inputs.values().forEach(all::addAll);
        return all;
    }

    /**
     * Learns what the header leaves open.
     *
     * @param rows the indices of the rows to learn from
     * @return the complete header
     * @throws io.residuum.data.DataException if a value is something else than the header says
     */
    public RowHeader fitted(RowTable training, int... rows) {
        Map<String, ColumnSpec> learned = new LinkedHashMap<>();
        columns.forEach(
                (name, column) ->
                        learned.put(name, column.fitted(training.cells(name, missing, rows))));
        return new RowHeader(learned, inputs, targets, ignore, missing);
    }

    /** Returns a name for each number of an output: classes, labels or columns; empty for none. */
    List<String> names(String output) {
        return targets.getOrDefault(output, List.of()).stream()
                .flatMap(name -> column(name).outputNames(name).stream())
                .toList();
    }

    /** Returns true if the target of an output is a class. */
    boolean isClass(String output) {
        List<String> columns = targets.getOrDefault(output, List.of());
        return columns.size() == 1 && column(columns.get(0)) instanceof CategoryColumn;
    }

    /** Returns true if an output has the labels of the rows, of which several may apply. */
    boolean isLabels(String output) {
        return targets.getOrDefault(output, List.of()).stream()
                .allMatch(name -> column(name) instanceof LabelsColumn);
    }

    /**
     * {@return false if an output learned something from a table that is not read without the
     * header: numbers, or labels beside other outputs}
     *
     * @param metadata the metadata of a trained model
     * @param output the name of the output
     */
    public static boolean isClassifier(ModelMetadata metadata, String output) {
        RowHeader header = of(metadata).orElse(null);
        return header == null
                || !header.targets().containsKey(output)
                || header.isClass(output)
                || (header.targets().size() == 1 && header.isLabels(output));
    }

    /**
     * Requires an output for which {@link #isClassifier} holds.
     *
     * @throws io.residuum.spec.SpecException if it does not
     */
    public static void requireClassifier(ModelMetadata metadata, String output) {
        Check.that(
                isClassifier(metadata, output),
                "a classifier needs an output of classes, but \"%s\" learned other columns of a"
                        + " table: predict rows (residuum predict --input TABLE)",
                output);
    }

    ColumnSpec column(String name) {
        return Objects.requireNonNull(columns.get(name));
    }
}
