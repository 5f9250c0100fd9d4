package io.residuum.transformer.branch;

/**
 * The positions of keys: first the cached ones, from position 0 on; from a later row on the new
 * ones. All other rows have no position.
 *
 * @param cached the number of cached positions
 * @param fresh the row of the first new one
 * @param added the number of new positions
 * @param rows the number of rows
 */
record KeyPositions(int cached, int fresh, int added, int rows) {

    /** Returns positions of rows that are all new. */
    static KeyPositions all(int rows) {
        return new KeyPositions(0, 0, rows, rows);
    }

    /** Returns the number of positions that have a key. */
    int known() {
        return cached + added;
    }

    /** Returns the position of a row, -1 if it has none. */
    int position(int row) {
        if (row < cached) {
            return row;
        }
        return row >= fresh && row < fresh + added ? cached + row - fresh : -1;
    }
}
