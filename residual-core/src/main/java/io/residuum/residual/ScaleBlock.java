package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/**
 * A learned factor per channel (LayerScale, Touvron et al. 2021) or for the complete array (ReZero,
 * Bachlechner et al. 2020; SkipInit, De and Smith 2020). Keeps the shape.
 */
final class ScaleBlock extends Layer {
    private final Parameter gamma;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param init the initial factor
     * @param perChannel true for one factor per channel, false for one factor
     */
    public ScaleBlock(Shape input, double init, boolean perChannel) {
        super(input);
        long n = perChannel ? Shapes.channels(input) : 1;
        // OTHER, because DJL's trainer initializes weights of the types it knows again.
        gamma = parameter("gamma", Parameter.Type.OTHER, Init.constant((float) init), n);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray factors = pass.value(gamma);
        return factors.size() == 1
                ? x.mul(factors)
                : pass.ops().affine(x, Shapes.channelAxis(inputShape()), factors, null);
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    @Override
    public String describe() {
        return "Scale(" + gamma.getShape().size() + ")";
    }
}
