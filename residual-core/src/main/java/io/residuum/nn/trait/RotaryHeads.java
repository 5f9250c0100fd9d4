package io.residuum.nn.trait;

/** Attention that rotates pairs of elements of each query and key by an angle of its position. */
public interface RotaryHeads extends AttentionHeads {

    /**
     * {@return the number of rotated elements of a head, the first ones; 0 without rotary
     * positions}
     */
    int rotaryWidth();

    /**
     * {@return true if neighbouring elements form a pair, false if elements at a distance of half
     * the rotated ones do}
     */
    boolean interleaved();

    /** {@return true if files of other libraries hold the rows in the order of this layer} */
    boolean sameOrder();
}
