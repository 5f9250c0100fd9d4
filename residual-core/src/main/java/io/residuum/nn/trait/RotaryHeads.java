package io.residuum.nn.trait;

/**
 * Attention that rotates queries and keys by their positions, pair by pair of a head's elements.
 */
public interface RotaryHeads {

    /**
     * Returns the width of a head.
     *
     * @return an even number, or 0 without rotary positions
     */
    int rotaryWidth();

    /**
     * Returns the layout of pairs.
     *
     * @return true if neighbours are a pair, false if elements half a head apart are
     */
    boolean interleaved();
}
