package io.residuum.inspect;

import java.util.List;

/**
 * The result of an analysis.
 *
 * @param name the name of the analysis, for files and JSON
 * @param title the heading
 * @param text one or two sentences: what was measured, and how to read it
 * @param tables the numbers
 * @param figures the pictures
 */
public record Finding(
        String name, String title, String text, List<Table> tables, List<Figure> figures) {

    public Finding {
        tables = List.copyOf(tables);
        figures = List.copyOf(figures);
    }

    /**
     * {@return a table}
     *
     * @param table its name
     */
    public Table table(String table) {
        return tables.stream().filter(t -> t.name().equals(table)).findFirst().orElseThrow();
    }
}
