package io.residuum.train.rows;

import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import io.residuum.spec.InputSpec;
import io.residuum.train.samples.SampleLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Infers the header of a table for a network that reads features. The result is a proposal, which
 * is written to a file for people to correct.
 *
 * <ul>
 *   <li>A column whose values are all numbers is a number. Another one with few different values is
 *       a category, and the others are ignored.
 *   <li>The columns named as the outputs of the network are the targets. For a network of one
 *       output it is the column {@code target}, {@code label}, {@code class} or {@code y}, else the
 *       last one.
 *   <li>All other columns are inputs, joined to a vector. In a network of several inputs, a column
 *       belongs to the input of its name.
 * </ul>
 */
final class HeaderInference {
    private static final List<String> TARGETS = List.of("target", "label", "class", "y");
    private static final int MOST_CATEGORIES = 100;

    private final RowTable table;
    private final SampleLayout layout;
    private final Set<String> absent = new TreeSet<>();
    private final Map<String, ColumnSpec> columns = new LinkedHashMap<>();
    private final List<String> ignore = new ArrayList<>();

    private HeaderInference(RowTable table, SampleLayout layout) {
        this.table = table;
        this.layout = layout;
    }

    /**
     * Infers a header.
     *
     * @param layout the inputs and outputs of the network
     * @return a header for both
     * @throws DataException if the network needs one that people write
     */
    public static RowHeader infer(RowTable table, SampleLayout layout) {
        return new HeaderInference(table, layout).header();
    }

    private RowHeader header() {
        layout.inputs()
                .forEach(
                        (name, input) -> {
                            if (!(input instanceof InputSpec.Features)) {
                                throw needed("the input \"" + name + "\" does not read features");
                            }
                        });
        Map<String, List<String>> targets = targets();
        Map<String, List<String>> inputs = inputs(targets);
        List<String> missing = new ArrayList<>(List.of(""));
        absent.stream().filter(text -> !text.isEmpty()).forEach(missing::add);
        return new RowHeader(columns, inputs, targets, ignore, missing);
    }

    private DataException needed(String why) {
        return new DataException(
                "%s: needs a header, a JSON file with columns, inputs and targets, because %s; name it after the table (rows:TABLE:HEADER.json)"
                        .formatted(table.file(), why));
    }

    private Map<String, List<String>> targets() {
        Map<String, List<String>> targets = new LinkedHashMap<>();
        layout.outputs()
                .forEach(
                        (name, shape) -> {
                            if (table.columns().contains(name)) {
                                targets.put(name, List.of(name));
                                columns.put(name, target(name, shape));
                            }
                        });
        if (targets.isEmpty() && layout.outputs().size() > 1) {
            throw needed("no column has the name of an output, " + layout.outputs().keySet());
        }
        if (targets.isEmpty()) {
            String column =
                    TARGETS.stream()
                            .filter(table.columns()::contains)
                            .findFirst()
                            .orElse(table.columns().get(table.columns().size() - 1));
            Map.Entry<String, Shape> output = layout.outputs().entrySet().iterator().next();
            targets.put(output.getKey(), List.of(column));
            columns.put(column, target(column, output.getValue()));
        }
        return targets;
    }

    private ColumnSpec target(String column, Shape output) {
        boolean one = output.dimension() == 2 && output.get(1) == 1;
        boolean few = isWhole(column) && values(column).size() <= MOST_CATEGORIES;
        if (table.isNumeric(column) && (one || !few)) {
            return number(new Missing.Refuse());
        }
        return new CategoryColumn(List.of(), false);
    }

    private Map<String, List<String>> inputs(Map<String, List<String>> targets) {
        Map<String, List<String>> inputs = new LinkedHashMap<>();
        List<String> names = List.copyOf(layout.inputs().keySet());
        for (String column : table.columns()) {
            if (targets.containsValue(List.of(column))) {
                continue;
            }
            boolean numeric = table.isNumeric(column);
            if (!numeric && values(column).size() > MOST_CATEGORIES) {
                ignore.add(column);
                continue;
            }
            if (names.size() > 1 && !names.contains(column)) {
                throw needed(
                        "the network has several inputs, "
                                + names
                                + ", and the column \""
                                + column
                                + "\" is none of them");
            }
            boolean gaps = cells(column).stream().anyMatch(this::isAbsent);
            columns.put(
                    column,
                    numeric
                            ? number(gaps ? new Missing.Mean() : new Missing.Refuse())
                            : new CategoryColumn(List.of(), gaps));
            inputs.computeIfAbsent(
                            names.size() > 1 ? column : names.get(0), key -> new ArrayList<>())
                    .add(column);
        }
        if (inputs.isEmpty()) {
            throw needed("it has no column of numbers or categories beside the target");
        }
        return inputs;
    }

    private static ColumnSpec number(Missing missing) {
        return new NumberColumn(NumberColumn.Normalization.STANDARD, null, null, missing);
    }

    private List<Cell> cells(String column) {
        return table.cells(column, List.of(), IntStream.range(0, table.size()).toArray());
    }

    private boolean isAbsent(Cell cell) {
        boolean missing = cell.isMissing() || RowTable.MISSING.contains(cell.text().strip());
        if (missing && !cell.isMissing()) {
            absent.add(cell.text());
        }
        return missing;
    }

    private Set<String> values(String column) {
        Set<String> values = new TreeSet<>();
        cells(column).stream().filter(cell -> !isAbsent(cell)).forEach(c -> values.add(c.text()));
        return values;
    }

    private boolean isWhole(String column) {
        return values(column).stream().allMatch(value -> value.strip().matches("-?\\d{1,9}"));
    }
}
