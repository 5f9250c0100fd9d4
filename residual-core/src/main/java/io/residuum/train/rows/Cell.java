package io.residuum.train.rows;

import com.google.common.base.Splitter;
import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.json.JsonText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value of a table.
 *
 * @param table the table
 * @param row the index of the row
 * @param column the name of the column
 * @param value the value: text in CSV; null if it is missing
 */
public record Cell(RowTable table, int row, String column, @Nullable Json value) {

    /** {@return true if the table has no value here} */
    public boolean isMissing() {
        return value == null;
    }

    /**
     * {@return the value as text}
     *
     * @throws DataException if it is missing, or a list or object
     */
    public String text() {
        Json found = present();
        return switch (found.kind()) {
            case STRING -> found.string("");
            case NUMBER, BOOLEAN -> found.compact();
            case ARRAY, OBJECT, NULL -> throw error("must be one value, found " + found.compact());
        };
    }

    /**
     * {@return the value as a number}
     *
     * @throws DataException if it is something else
     */
    public double number() {
        String text = text().strip();
        double number = parse(text);
        if (Double.isNaN(number)) {
            throw error("must be a finite number, found " + JsonText.quote(text));
        }
        return number;
    }

    /** Returns the number in a text without spaces around it, or NaN if it is no finite number. */
    static double parse(String text) {
        // Java reads the suffix of 2D and 3f as a type.
        if (text.isEmpty() || Character.isLetter(text.charAt(text.length() - 1))) {
            return Double.NaN;
        }
        try {
            double number = Double.parseDouble(text);
            return Double.isFinite(number) ? number : Double.NaN;
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /**
     * {@return the values of a list, in JSON an array, else text with separators}
     *
     * @param separator the text between values
     */
    public List<String> list(String separator) {
        Json found = present();
        if (found.kind() == Json.Kind.ARRAY) {
            return found.items().stream()
                    .map(item -> new Cell(table, row, column, item).text())
                    .toList();
        }
        return Splitter.on(separator).trimResults().omitEmptyStrings().splitToList(text());
    }

    private Json present() {
        Json found = value;
        if (found == null) {
            throw error(
                    "must have a value, found none; let the header say how to fill it"
                            + " (\"missing\")");
        }
        return found;
    }

    /** Returns the place and the text of this value, for a note. */
    String quoted() {
        return "%s has %s".formatted(table.place(row), JsonText.quote(text()));
    }

    /**
     * {@return an error about this value}
     *
     * @param message what the value must be, what it is, and what to do
     */
    public DataException error(String message) {
        return new DataException(
                "%s, column %s: %s".formatted(table.place(row), JsonText.quote(column), message));
    }
}
