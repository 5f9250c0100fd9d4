package io.residuum.residual.stream;

import java.util.Arrays;

/**
 * A connection of the streams in a residual unit, whose weights are learned or fixed (Zhu et al.
 * 2024, arXiv:2409.19606, call them width and depth connections).
 *
 * @param role what the weights do
 * @param streams the number of streams n of the unit
 * @param width the channels C of one stream
 * @param read the number of streams in the array that the weights read: n, or 1 for the branch's
 *     output
 */
public record Connection(Role role, int streams, long width, int read) {

    /** The use of weights. */
    public enum Role {
        /** n numbers, the share of each stream in what the branch reads. */
        READ,
        /** n x n numbers by rows; row j makes stream j. */
        CARRY,
        /** n numbers, the factor of the branch's output for each stream. */
        WRITE
    }

    /** {@return the number of weights} */
    int count() {
        return role == Role.CARRY ? streams * streams : streams;
    }

    /**
     * {@return the weights of a plain network whose streams are equal: the mean, the identity,
     * ones}
     */
    double[] plain() {
        double[] values = new double[count()];
        switch (role) {
            case READ -> Arrays.fill(values, 1.0 / streams);
            case WRITE -> Arrays.fill(values, 1);
            case CARRY -> {
                for (int i = 0; i < streams; i++) {
                    values[i * streams + i] = 1;
                }
            }
        }
        return values;
    }

    @Override
    public String toString() {
        return switch (role) {
            case READ -> "read";
            case CARRY -> "shortcut";
            case WRITE -> "merge";
        };
    }
}
