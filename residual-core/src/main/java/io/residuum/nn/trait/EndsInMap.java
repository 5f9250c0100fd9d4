package io.residuum.nn.trait;

/**
 * A layer that ends in an affine map: if the weights of this child are 0, so is the output. Masks,
 * gates and dropout after it keep a 0.
 */
public interface EndsInMap {

    /** {@return the name of the child that computes the map} */
    String lastMap();
}
