package io.residuum.nn.trait;

/** A layer that draws random numbers in Java. */
public interface Reseedable {

    /**
     * Sets the seed of this layer's random draws. Does not reach its children.
     *
     * @param seed any number
     */
    void reseed(long seed);

    /**
     * Sets the seed of the random numbers that several layers of a network share. Does nothing by
     * default.
     *
     * @param seed the same number for all layers of the network
     */
    default void reseedShared(long seed) {}
}
