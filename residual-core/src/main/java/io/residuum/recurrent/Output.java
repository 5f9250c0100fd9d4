package io.residuum.recurrent;

/** The output of a recurrent layer. */
public enum Output {
    /** The outputs of all steps, {@code (N, T, C)}. */
    SEQUENCE,
    /** The output of the last step of each cell, {@code (N, C)}. */
    LAST
}
