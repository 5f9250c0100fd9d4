package io.residuum.train.rows;

import io.residuum.train.samples.Tensor;

/** Converts the values of a column to arrays. Several threads use it at once. */
@FunctionalInterface
public interface ColumnEncoder extends AutoCloseable {

    /**
     * {@return the array of a value}
     *
     * @param cell the value
     * @throws io.residuum.data.DataException if it is something else than the header says
     */
    Tensor encode(Cell cell);

    /**
     * Checks a value before training. Default: encodes it
     *
     * @param cell the value
     * @throws io.residuum.data.DataException if it is something else than the header says
     */
    default void check(Cell cell) {
        encode(cell);
    }

    /** Releases what the encoder holds, such as a tokenizer. Default: nothing. */
    @Override
    default void close() {}
}
