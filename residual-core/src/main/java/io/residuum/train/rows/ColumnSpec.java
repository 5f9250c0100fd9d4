package io.residuum.train.rows;

import io.residuum.data.DataException;
import java.util.List;
import java.util.Map;

/**
 * The content of a column of a table, in the header. The interface is open: a record of yours that
 * implements it has a name in JSON once a {@link io.residuum.spec.RecordProvider} registers it.
 */
public interface ColumnSpec {

    /**
     * Learns from the training rows what the header leaves open, such as a mean or the values of a
     * category. The result is saved with the network.
     *
     * @param training the values of the training rows
     * @return the column as other rows are read. Default: this one
     */
    default ColumnSpec fitted(List<Cell> training) {
        return this;
    }

    /**
     * {@return the encoder of this column for an input}
     *
     * @param context the input, and where to find what the column needs
     * @throws DataException if such an input cannot read such a column
     */
    ColumnEncoder input(ColumnContext context);

    /**
     * {@return the encoder of this column as a target}
     *
     * @throws DataException if it cannot be one. Default: always
     */
    default ColumnEncoder target() {
        throw new DataException("a target must be a column of numbers, categories or labels");
    }

    /**
     * {@return the number of numbers that the column adds to a vector of inputs. Default: 0, it is
     * no part of a vector}
     */
    default int inputWidth() {
        return 0;
    }

    /**
     * {@return a name for each number that the target takes of an output: the classes, the labels.
     * Default: one, the name of the column}
     *
     * @param name the name of the column
     */
    default List<String> outputNames(String name) {
        return List.of(name);
    }

    /**
     * Converts the numbers that a network computes to predictions in the units of the table.
     *
     * @param name the name of the column
     * @param output numbers of the output
     * @param from the first of the numbers that the target takes
     * @return text or numbers by the name of a column of the predictions
     */
    default Map<String, Object> decode(String name, float[] output, int from) {
        return Map.of(name, (double) output[from]);
    }
}
