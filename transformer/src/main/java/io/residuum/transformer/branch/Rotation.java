package io.residuum.transformer.branch;

/** Positions that rotate pairs of elements of each query and key. */
interface Rotation {

    /** {@return true if neighbours form a pair, false if elements half a head apart do} */
    boolean interleaved();

    /**
     * {@return the number of rotated elements of a head, the first ones}
     *
     * @param head the width of a head
     */
    int rotated(int head);

    /**
     * {@return the angles of all pairs at some positions, row by row}
     *
     * @param width the number of rotated elements
     * @param first the first position
     * @param length the number of positions
     */
    double[] angles(int width, int first, int length);

    /** {@return the factor of rotated queries and keys} */
    double factor();

    /**
     * Checks the width of a head.
     *
     * @param head the width
     * @throws IllegalArgumentException if it does not fit
     */
    void requireFit(int head);
}
