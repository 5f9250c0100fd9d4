package io.residuum.nn;

/** A layer that uses a parameter of another layer, for instance a head tied to an embedding. */
public interface LinksWeights {

    /**
     * Finds the other layer. The network calls it once, when it is complete.
     *
     * @param path this layer's path
     * @param network the complete network
     * @throws IllegalArgumentException if the network lacks the parameter
     */
    void link(String path, Layer network);
}
