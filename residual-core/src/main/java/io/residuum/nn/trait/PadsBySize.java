package io.residuum.nn.trait;

/**
 * A layer whose padding may depend on the size of its input. A graph holds the padding for one
 * size.
 */
public interface PadsBySize {

    /** {@return true if the padding does depend on the size} */
    boolean padsBySize();
}
