package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * Dropout (Srivastava et al. 2014). In training it zeroes random elements and divides the others by
 * {@code 1 - rate}.
 */
public final class DropoutBlock extends Layer {
    private final float rate;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param rate the probability of dropping an element, in [0, 1)
     */
    public DropoutBlock(Shape input, double rate) {
        super(input);
        Shapes.requireFloats("dropout", input);
        this.rate = (float) rate;
    }

    /**
     * {@return dropout, or an identity for rate 0}
     *
     * @param input any shape
     * @param rate the probability of dropping an element, in [0, 1)
     */
    public static Layer of(Shape input, double rate) {
        return rate == 0 ? new IdentityBlock(input) : new DropoutBlock(input, rate);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return pass.dropout(x, rate);
    }

    @Override
    public String describe() {
        return "Dropout(" + rate + ")";
    }
}
