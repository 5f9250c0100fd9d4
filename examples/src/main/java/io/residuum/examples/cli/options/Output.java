package io.residuum.examples.cli.options;

import ai.djl.ndarray.types.Shape;
import io.residuum.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** The output of a command: results on standard output, everything else on standard error. */
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

    /** {@return the failure of a process whose standard output cannot be written} */
    public static UncheckedIOException unwritable() {
        return new UncheckedIOException(
                new IOException(
                        "standard output cannot be written: the disk is full, or nobody reads it"));
    }

    /** Prints a line of the result. */
    public void result(String line) {
        out.println(line);
        flush();
    }

    /** Prints a formatted line of the result. */
    public void result(String format, Object... args) {
        result(String.format(Locale.ROOT, format, args));
    }

    /** Prints a piece of a result, without a line end. */
    public void piece(String text) {
        out.print(text);
        flush();
    }

    private void flush() {
        if (out.checkError()) {
            throw unwritable();
        }
    }

    /** Prints a result as JSON: a record, a map or a list. */
    public void json(Object value) {
        result(Json.of(value).pretty().stripTrailing());
    }

    /** Prints a line about progress, unless the output is quiet. */
    public void note(String line) {
        if (!quiet) {
            err.println(line);
            err.flush();
        }
    }

    /** Prints a formatted line about progress, unless the output is quiet. */
    public void note(String format, Object... args) {
        note(String.format(Locale.ROOT, format, args));
    }

    /** Prints a warning, also if the output is quiet. */
    public void warn(String line) {
        err.println("residuum: warning: " + line);
        err.flush();
    }

    public boolean quiet() {
        return quiet;
    }

    /**
     * {@return a table with aligned columns, one line per row}
     *
     * @param rows the cells; the first row holds the headings
     * @param right the indices of the columns to align right
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

    /** {@return the shape of one sample} */
    public static List<Long> sampleShape(Shape batch) {
        return Arrays.stream(batch.slice(1).getShape()).boxed().toList();
    }

    /** {@return the shape of one sample as text, for instance {@code 3x32x32}} */
    public static String shape(Shape batch) {
        return sampleShape(batch).stream().map(String::valueOf).collect(Collectors.joining("x"));
    }

    /** {@return a number with commas between thousands} */
    public static String grouped(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    /** The interface of the root command, which has {@code --quiet}. */
    public interface Verbosity {
        /** {@return true to print only results, warnings and errors} */
        boolean quiet();
    }
}
