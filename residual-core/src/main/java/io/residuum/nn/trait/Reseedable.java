package io.residuum.nn.trait;

/** A layer that draws random numbers in Java. */
public interface Reseedable {

    /**
     * Restarts the random draws of this layer without its children.
     *
     * @param seed any number
     */
    void reseed(long seed);
}
