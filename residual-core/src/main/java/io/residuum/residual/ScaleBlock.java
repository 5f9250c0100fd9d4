package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Inits;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/**
 * A learned factor: one a channel (LayerScale, Touvron et al. 2021) or one for all (ReZero,
 * Bachlechner et al. 2020; SkipInit, De and Smith 2020). Shape kept.
 */
public final class ScaleBlock extends Layer {
    private final Parameter gamma;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param init the first factor
     * @param perChannel one factor a channel rather than one for all
     */
    public ScaleBlock(Shape input, double init, boolean perChannel) {
        super(input);
        long n = perChannel ? Shapes.channels(input) : 1;
        // OTHER: DJL's own trainer re-initializes weights of the types it knows.
        gamma = parameter("gamma", Parameter.Type.OTHER, Inits.constant((float) init), n);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray factors = pass.value(gamma);
        return factors.size() == 1
                ? x.mul(factors)
                : pass.ops().affine(x, Shapes.channelAxis(x.getShape()), factors, null);
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
