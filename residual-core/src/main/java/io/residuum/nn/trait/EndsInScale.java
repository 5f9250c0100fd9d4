package io.residuum.nn.trait;

/** A layer that ends in a product with its parameters, to which it may add others. */
public interface EndsInScale {

    /**
     * {@return true if the output is 0 when all trained parameters are 0} False if a constant is
     * added to the factor.
     */
    default boolean isZeroWithParameters() {
        return true;
    }
}
