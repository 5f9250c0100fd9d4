package io.residuum.nn;

/** Attention whose queries and keys turn with their positions, pair by pair of a head's rows. */
public interface RotaryHeads {

    /**
     * How many rows a head has.
     *
     * @return an even number, or 0 where nothing turns
     */
    int rotaryWidth();

    /**
     * Which rows are a pair.
     *
     * @return true if neighbours are, false if rows half a head apart are
     */
    boolean interleaved();
}
