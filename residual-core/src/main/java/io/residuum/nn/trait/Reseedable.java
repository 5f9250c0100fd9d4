package io.residuum.nn.trait;

/** A layer that draws random numbers in Java. */
public interface Reseedable {

    /**
     * Sets the seed of this layer's random draws. Does not reach its children.
     *
     * @param seed any number
     */
    void reseed(long seed);
}
