package io.residuum.transformer.branch;

/**
 * Of which positions keys are: first those of a past, from 0 on; from a later row on the new ones;
 * all other rows are of none.
 *
 * @param past how many positions are of the past
 * @param fresh the row of the first new one
 * @param added how many are new
 * @param rows how many rows there are
 */
record KeyPositions(int past, int fresh, int added, int rows) {

    /** Rows that are all there. */
    static KeyPositions all(int rows) {
        return new KeyPositions(0, 0, rows, rows);
    }

    /** How many positions have a key. */
    int known() {
        return past + added;
    }

    /** The position of a row; -1 if it has none. */
    int position(int row) {
        if (row < past) {
            return row;
        }
        return row >= fresh && row < fresh + added ? past + row - fresh : -1;
    }
}
