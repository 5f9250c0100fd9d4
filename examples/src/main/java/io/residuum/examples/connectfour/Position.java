package io.residuum.examples.connectfour;

import io.residuum.spec.Check;
import java.util.ArrayList;
import java.util.List;

/**
 * A position of connect-four on a board of 5 columns and 4 rows. A bit stands for a cell. Columns
 * follow each other from the left, each from the bottom up, with an empty cell on top, so that no
 * line continues in the next column.
 *
 * @param own the stones of the player to move
 * @param all the stones of both players
 */
record Position(long own, long all) {
    static final int COLUMNS = 5;
    static final int ROWS = 4;

    /** The empty board. */
    static final Position START = new Position(0, 0);

    private static final int STRIDE = ROWS + 1;

    /** More than the largest {@link #index}. */
    static final int INDICES = 1 << (COLUMNS * STRIDE);

    /** Steps to the next cell: up, right, and along both diagonals. */
    private static final int[] DIRECTIONS = {1, STRIDE, STRIDE - 1, STRIDE + 1};

    private static long cell(int column, int row) {
        return 1L << (column * STRIDE + row);
    }

    /**
     * {@return a number that no other position has} In a column of height h, the sum of both masks
     * is between {@code 2^h - 1} and {@code 2^(h+1) - 2}.
     */
    int index() {
        return (int) (own + all);
    }

    /** {@return the columns that are not full, from the left} */
    List<Integer> moves() {
        List<Integer> moves = new ArrayList<>(COLUMNS);
        for (int column = 0; column < COLUMNS; column++) {
            if (isOpen(column)) {
                moves.add(column);
            }
        }
        return moves;
    }

    private boolean isOpen(int column) {
        return (all & cell(column, ROWS - 1)) == 0;
    }

    /**
     * {@return the position after a move, from the side of the other player}
     *
     * @param column the column, from 0
     */
    Position play(int column) {
        Check.that(isOpen(column), "a move must be one of %s, got %s", moves(), column);
        // The sum carries through the stones of the column up to its lowest empty cell.
        return new Position(all ^ own, all | (all + cell(column, 0)));
    }

    /** {@return true if the other player has four stones in a line} */
    boolean isLost() {
        long theirs = all ^ own;
        for (int step : DIRECTIONS) {
            long pairs = theirs & (theirs >> step);
            if ((pairs & (pairs >> (2 * step))) != 0) {
                return true;
            }
        }
        return false;
    }

    /** {@return true if the game has ended} */
    boolean isOver() {
        return isLost() || Long.bitCount(all) == COLUMNS * ROWS;
    }

    /** {@return the position with left and right exchanged} */
    Position mirrored() {
        return new Position(mirrored(own), mirrored(all));
    }

    private static long mirrored(long stones) {
        long mirrored = 0;
        for (int column = 0; column < COLUMNS; column++) {
            long cells = (stones >> (column * STRIDE)) & ((1L << STRIDE) - 1);
            mirrored |= cells << ((COLUMNS - 1 - column) * STRIDE);
        }
        return mirrored;
    }

    /**
     * {@return planes of the own and the other stones, (2, rows, columns), the bottom row first}
     */
    float[] planes() {
        float[] planes = new float[2 * ROWS * COLUMNS];
        for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < COLUMNS; column++) {
                int at = row * COLUMNS + column;
                long cell = cell(column, row);
                planes[at] = (own & cell) == 0 ? 0 : 1;
                planes[ROWS * COLUMNS + at] = ((all ^ own) & cell) == 0 ? 0 : 1;
            }
        }
        return planes;
    }
}
