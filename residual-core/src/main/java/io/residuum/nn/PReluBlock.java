package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;

/**
 * A ReLU with a learned slope of negative values (He et al. 2015, arXiv:1502.01852, Equation 1).
 * Keeps the shape.
 */
public final class PReluBlock extends Layer {
    private final Parameter weight;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param init the initial slope
     * @param perChannel true for one slope per channel, false for one slope
     */
    public PReluBlock(Shape input, double init, boolean perChannel) {
        super(input);
        Shapes.requireFloats("PReLU", input);
        long n = perChannel ? Shapes.channels(input) : 1;
        // OTHER, because DJL's trainer initializes weights of the types it knows again.
        weight = parameter("weight", Parameter.Type.OTHER, Init.constant((float) init), n);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray negative = x.neg().getNDArrayInternal().relu();
        NDArray slopes =
                Shapes.isSpatial(inputShape()) ? pass.channelwise(weight, x) : pass.value(weight);
        NDArray scaled = negative.mul(slopes);
        return x.getNDArrayInternal().relu().sub(scaled);
    }

    @Override
    public String describe() {
        return "PReLU(" + weight.getShape().size() + ")";
    }
}
