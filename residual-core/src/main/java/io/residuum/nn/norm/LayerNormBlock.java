package io.residuum.nn.norm;

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
 * Layer normalization over the channels of each position (Ba et al. 2016). Keeps the shape. On
 * images it normalizes the channels of each pixel, as in ConvNeXt (Liu et al. 2022).
 */
public final class LayerNormBlock extends Layer implements EndsInScale {
    private final float eps;
    private final double offset;
    private final @Nullable Parameter weight;
    private final @Nullable Parameter bias;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}, {@code (-1, T, C)}, {@code (-1, C)} or any shape with
     *     channels last
     * @param eps added to the variance
     * @param weightInit the initial scale
     */
    public LayerNormBlock(Shape input, double eps, Init weightInit) {
        this(input, eps, weightInit, true, 0);
    }

    /**
     * Creates the block, with or without parameters.
     *
     * @param input as in the other constructor
     * @param eps added to the variance
     * @param weightInit the initial stored weight; null for none
     * @param withBias true if there is a bias
     * @param offset a constant added to the stored weight
     */
    public LayerNormBlock(
            Shape input, double eps, @Nullable Init weightInit, boolean withBias, double offset) {
        super(input);
        if (!Shapes.isChannelsLast(input)) {
            requireRank("layer norm", input, 2, 3, 4, 5);
        }
        this.eps = (float) eps;
        long c = Shapes.channels(input);
        this.offset = offset;
        this.weight =
                weightInit == null
                        ? null
                        : parameter("weight", Parameter.Type.GAMMA, weightInit, c);
        this.bias = withBias ? parameter("bias", Parameter.Type.BETA, Init.ZEROS, c) : null;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        if (!Shapes.isSpatial(inputShape())) {
            return normalize(pass, x);
        }
        return x.getShape().dimension() == 4
                ? normalize(pass, x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
                : normalize(pass, x.transpose(0, 2, 3, 4, 1)).transpose(0, 4, 1, 2, 3);
    }

    private NDArray normalize(ForwardPass pass, NDArray x) {
        if (weight != null && bias != null) {
            NDArray scale = RmsNormBlock.plus(pass, pass.value(weight), offset);
            return pass.ops().layerNorm(x, scale, pass.value(bias), eps);
        }
        int axis = x.getShape().dimension() - 1;
        NDArray centered = x.sub(x.mean(new int[] {axis}, true));
        NDArray normal = RmsNormBlock.normalize(pass, centered, axis, eps);
        return weight == null
                ? normal
                : pass.ops()
                        .affine(
                                normal,
                                axis,
                                RmsNormBlock.plus(pass, pass.value(weight), offset),
                                null);
    }

    @Override
    public boolean isZeroWithParameters() {
        return offset == 0;
    }

    @Override
    public String describe() {
        return bias == null ? "LayerNorm(no bias)" : "LayerNorm";
    }
}
