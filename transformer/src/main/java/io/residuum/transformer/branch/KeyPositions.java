package io.residuum.transformer.branch;

/**
 * The positions of keys. Rows 0 to {@code cached - 1} hold the cached positions from 0 on. The new
 * positions begin at row {@code firstNew}. Other rows have no position.
 *
 * @param cached the number of cached positions
 * @param firstNew the row of the first new position
 * @param added the number of new positions
 * @param rows the number of rows
 */
record KeyPositions(int cached, int firstNew, int added, int rows) {

    /** {@return the positions of rows that are all new} */
    static KeyPositions all(int rows) {
        return new KeyPositions(0, 0, rows, rows);
    }

    /** {@return the number of positions that have a key} */
    int known() {
        return cached + added;
    }

    /** {@return the position of a row, or -1 if it has none} */
    int position(int row) {
        if (row < cached) {
            return row;
        }
        return row >= firstNew && row < firstNew + added ? cached + row - firstNew : -1;
    }
}
