package io.residuum.inspect;

import io.residuum.draw.Numbers;
import io.residuum.spec.Check;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of numbers and names.
 *
 * @param name a short name, for files and JSON
 * @param columns the names of the columns
 * @param rows as many values as columns each: strings, numbers, or null where there is none
 */
public record Table(String name, List<String> columns, List<List<@Nullable Object>> rows) {

    public Table {
        columns = List.copyOf(columns);
        int width = columns.size();
        rows =
                rows.stream()
                        .map(row -> Collections.unmodifiableList(new ArrayList<>(row)))
                        .toList();
        rows.forEach(
                row ->
                        Check.that(
                                row.size() == width,
                                "rows must have %s values, got %s",
                                width,
                                row));
    }

    /** {@return the rows for people, with numbers of four significant digits} */
    public List<List<String>> text() {
        return rows.stream().map(row -> row.stream().map(Table::text).toList()).toList();
    }

    private static String text(@Nullable Object value) {
        if (value instanceof Double number && Double.isFinite(number)) {
            return Numbers.significant(number);
        }
        return value == null ? "" : value.toString();
    }

    /**
     * {@return the numbers of a column, NaN where there is none}
     *
     * @param column its name
     */
    public double[] numbers(String column) {
        int index = columns.indexOf(column);
        Check.that(index >= 0, "column must be one of %s, got \"%s\"", columns, column);
        return rows.stream()
                .mapToDouble(
                        row -> row.get(index) instanceof Number n ? n.doubleValue() : Double.NaN)
                .toArray();
    }
}
