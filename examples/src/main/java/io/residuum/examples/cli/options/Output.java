package io.residuum.examples.cli.options;

import ai.djl.ndarray.types.Shape;
import io.residuum.json.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** Where a command writes: results to the standard output, all else to the standard error. */
public final class Output {
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean quiet;

    private Output(PrintWriter out, PrintWriter err, boolean quiet) {
        this.out = out;
        this.err = err;
        this.quiet = quiet;
    }

    public static Output of(CommandSpec command) {
        boolean quiet = ((Verbosity) command.root().userObject()).quiet();
        return new Output(command.commandLine().getOut(), command.commandLine().getErr(), quiet);
    }

    /** A line of the result. */
    public void result(String line) {
        out.println(line);
        out.flush();
    }

    /** A piece of a result that is still being made. */
    public void piece(String text) {
        out.print(text);
        out.flush();
    }

    /** Prints the result as JSON: a record or a list. */
    public void json(Object value) {
        result(Json.of(value).pretty().stripTrailing());
    }

    /** A line about what is being done, unless the user wants it quiet. */
    public void note(String line) {
        if (!quiet) {
            err.println(line);
            err.flush();
        }
    }

    /** A line about what may not be what the user thinks. */
    public void warn(String line) {
        err.println("residuum: warning: " + line);
        err.flush();
    }

    public boolean quiet() {
        return quiet;
    }

    /**
     * Lines up columns.
     *
     * @param rows the first holds the headings
     * @param right the columns that are aligned to the right
     * @return one line a row
     */
    public static List<String> table(List<List<String>> rows, List<Integer> right) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int c = 0; c < columns; c++) {
                widths[c] = Math.max(widths[c], row.get(c).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < columns; c++) {
                String format = "%" + (right.contains(c) ? "" : "-") + widths[c] + "s  ";
                line.append(String.format(Locale.ROOT, format, row.get(c)));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /** Returns the sizes of one sample: a shape without its batch. */
    public static List<Long> sampleShape(Shape batch) {
        return Arrays.stream(batch.slice(1).getShape()).boxed().toList();
    }

    /** The sizes behind the batch, for instance {@code 3x32x32}. */
    public static String shape(Shape batch) {
        return sampleShape(batch).stream().map(String::valueOf).collect(Collectors.joining("x"));
    }

    /** A number as people read it. */
    public static String grouped(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    /** The root command, which knows how much to print. */
    public interface Verbosity {
        /**
         * Returns whether only results, warnings and errors are printed.
         *
         * @return true after {@code --quiet}
         */
        boolean quiet();
    }
}
