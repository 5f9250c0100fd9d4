package io.residuum.nn.trait;

/** Attention that rotates pairs of elements of each query and key by an angle of its position. */
public interface RotaryHeads {

    /** {@return the width of a head, an even number; 0 without rotary positions} */
    int rotaryWidth();

    /**
     * {@return true if neighbouring elements form a pair, false if elements at a distance of half a
     * head do}
     */
    boolean interleaved();
}
