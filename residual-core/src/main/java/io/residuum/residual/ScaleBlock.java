package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.EndsInScale;
import org.jspecify.annotations.Nullable;

/**
 * A learned factor per channel (LayerScale, Touvron et al. 2021) or for the complete array (ReZero,
 * Bachlechner et al. 2020; SkipInit, De and Smith 2020), with an offset or without. Keeps the
 * shape.
 */
final class ScaleBlock extends Layer implements EndsInScale {
    private final Parameter gamma;
    private final @Nullable Parameter beta;
    private final boolean startsAsInput;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param init the initial factor
     * @param perChannel true for one factor per channel, false for one factor
     * @param offset true to add an offset, initially 0, in the number of the factors
     */
    ScaleBlock(Shape input, double init, boolean perChannel, boolean offset) {
        super(input);
        Shapes.requireFloats("a learned scale", input);
        startsAsInput = init == 1;
        long n = perChannel ? Shapes.channels(input) : 1;
        // OTHER, because DJL's trainer initializes weights of the types it knows again.
        gamma = parameter("gamma", Parameter.Type.OTHER, Init.constant((float) init), n);
        beta = offset ? parameter("beta", Parameter.Type.OTHER, Init.ZEROS, n) : null;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray factors = pass.value(gamma);
        NDArray offsets = pass.valueOrNull(beta);
        if (factors.size() > 1) {
            return pass.ops().affine(x, Shapes.channelAxis(inputShape()), factors, offsets);
        }
        NDArray scaled = x.mul(factors);
        return offsets == null ? scaled : scaled.add(offsets);
    }

    /** Returns true if the initial factors are 1. */
    boolean startsAsInput() {
        return startsAsInput;
    }

    @Override
    public String describe() {
        return "Scale(%d%s)".formatted(gamma.getShape().size(), beta == null ? "" : ", offset");
    }
}
