package io.residuum.recurrent;

import java.util.List;

/** The order in which a recurrent layer reads the positions. */
public enum Direction {
    /** From the first position to the last. */
    FORWARD,
    /** From the last position to the first. */
    BACKWARD,
    /** One cell in each direction, whose outputs are concatenated (Schuster and Paliwal 1997). */
    BOTH;

    /** {@return the names of the cells, in the order of their states} */
    List<String> cells() {
        return switch (this) {
            case FORWARD -> List.of("forward");
            case BACKWARD -> List.of("backward");
            case BOTH -> List.of("forward", "backward");
        };
    }
}
