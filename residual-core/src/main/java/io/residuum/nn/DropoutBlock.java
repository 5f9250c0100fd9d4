package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * Dropout (Srivastava et al. 2014): in training zeroes elements and divides the rest by the rate
 * kept.
 */
public final class DropoutBlock extends Layer {
    private final float rate;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param rate the share of elements dropped, in [0, 1)
     */
    public DropoutBlock(Shape input, double rate) {
        super(input);
        this.rate = (float) rate;
    }

    /**
     * Creates dropout, or an identity for rate 0.
     *
     * @param input any shape
     * @param rate the share of elements dropped, in [0, 1)
     * @return the layer
     */
    public static Layer of(Shape input, double rate) {
        return rate == 0 ? new IdentityBlock(input) : new DropoutBlock(input, rate);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return pass.dropout(x, rate);
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    @Override
    public String describe() {
        return "Dropout(" + rate + ")";
    }
}
