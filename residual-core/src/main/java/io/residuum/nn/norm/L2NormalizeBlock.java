package io.residuum.nn.norm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/** Divides the channels of each position by their Euclidean norm. Keeps the shape. */
public final class L2NormalizeBlock extends Layer {
    private final double eps;

    /**
     * Creates the block.
     *
     * @param input any shape with channels
     * @param eps the least divisor
     */
    public L2NormalizeBlock(Shape input, double eps) {
        super(input);
        Shapes.requireFloats("L2 normalize", input);
        this.eps = eps;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return normalize(pass, x, Shapes.channelAxis(inputShape()), eps);
    }

    /**
     * {@return x divided by its Euclidean norm along an axis}
     *
     * @param x any shape
     * @param eps the least divisor
     */
    public static NDArray normalize(ForwardPass pass, NDArray x, int axis, double eps) {
        NDArray squares = x.square().sum(new int[] {axis}, true);
        // Bounds the square, as the gradient of a root is infinite at 0.
        return x.mul(pass.ops().pow(pass.ops().maximum(squares, eps * eps), -0.5));
    }
}
