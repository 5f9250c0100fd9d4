package io.residuum.nn.norm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/**
 * Global response normalization of images (Woo et al. 2023, arXiv:2301.00808, Section 3): {@code x
 * + weight x n + bias}, where n is the L2 norm of a channel over all positions, divided by the mean
 * of these norms. Keeps the shape.
 */
public final class GlobalResponseNormBlock extends Layer {
    /** Keeps the gradient of the root finite for a channel of zeros. */
    private static final double TINY = 1e-12;

    private final double eps;
    private final int axis;
    private final int[] positions;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}, or {@code (-1, H, W, C)} with channels last
     * @param eps added to the mean of the norms
     * @param weightInit the initial weight
     */
    public GlobalResponseNormBlock(Shape input, double eps, Init weightInit) {
        super(input);
        if (!Shapes.isChannelsLast(input) || input.dimension() != 4) {
            requireRank("global response norm", input, 4);
        }
        this.eps = eps;
        this.axis = Shapes.channelAxis(input);
        this.positions = axis == 1 ? new int[] {2, 3} : new int[] {1, 2};
        long channels = Shapes.channels(input);
        this.weight = parameter("weight", Parameter.Type.GAMMA, weightInit, channels);
        this.bias = parameter("bias", Parameter.Type.BETA, Init.ZEROS, channels);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray norms = pass.ops().add(x.square().sum(positions, true), TINY).sqrt();
        NDArray mean = pass.ops().add(norms.mean(new int[] {axis}, true), eps);
        NDArray scaled = x.mul(norms.div(mean));
        return pass.ops().affine(scaled, axis, pass.value(weight), pass.value(bias)).add(x);
    }
}
