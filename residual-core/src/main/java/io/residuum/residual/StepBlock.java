package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/**
 * Multiplies each channel by a learned step {@code |alpha| init / scale}, the "eigen learning rate"
 * of nGPT (Loshchilov et al. 2024, arXiv:2410.01131, Section 2.5). Keeps the shape.
 */
final class StepBlock extends Layer {
    private final double factor;
    private final Parameter alpha;

    /**
     * Creates the block.
     *
     * @param input any shape with channels
     * @param init the initial step
     * @param scale the initial value of alpha
     */
    StepBlock(Shape input, double init, double scale) {
        super(input);
        factor = init / scale;
        // OTHER, because DJL's trainer initializes weights of the types it knows again.
        alpha =
                parameter(
                        "alpha",
                        Parameter.Type.OTHER,
                        Init.constant((float) scale),
                        Shapes.channels(input));
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray a = pass.value(alpha).reshape(alpha.getShape());
        a.attach(x.getManager());
        NDArray size = relu(a).add(relu(a.neg()));
        return pass.ops()
                .affine(pass.ops().mul(x, factor), Shapes.channelAxis(inputShape()), size, null);
    }

    private static NDArray relu(NDArray a) {
        return a.getNDArrayInternal().relu();
    }

    @Override
    public String describe() {
        return "Step(" + alpha.getShape().size() + ")";
    }
}
