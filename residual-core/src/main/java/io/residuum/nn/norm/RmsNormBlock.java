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
 * Root-mean-square normalization over the channels (Zhang and Sennrich 2019), without a bias, or
 * division by their unbiased standard deviation. Keeps the shape.
 */
public final class RmsNormBlock extends Layer implements EndsInScale {
    private final double eps;
    private final double offset;
    private final boolean variance;
    private final int axis;
    private final @Nullable Parameter weight;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}, {@code (-1, T, C)}, {@code (-1, C)} or any shape with
     *     channels last
     * @param eps added to the mean square
     * @param weightInit the initial stored weight; null for none
     */
    public RmsNormBlock(Shape input, double eps, @Nullable Init weightInit) {
        this(input, eps, weightInit, 0, false);
    }

    /**
     * Creates the block with a constant that is added to the stored weight.
     *
     * @param input as in the other constructor
     * @param eps added to the mean square
     * @param weightInit the initial stored weight; null for none
     * @param offset the constant
     * @param variance true to divide by the root of the unbiased variance instead
     */
    public RmsNormBlock(
            Shape input, double eps, @Nullable Init weightInit, double offset, boolean variance) {
        super(input);
        if (!Shapes.isChannelsLast(input)) {
            requireRank("RMS norm", input, 2, 3, 4, 5);
        }
        if (variance && Shapes.channels(input) < 2) {
            throw new IllegalArgumentException(
                    "RMS norm with variance needs two or more channels, got %s: leave variance out"
                            .formatted(input));
        }
        this.eps = eps;
        this.offset = offset;
        this.variance = variance;
        this.axis = Shapes.channelAxis(input);
        this.weight =
                weightInit == null
                        ? null
                        : parameter(
                                "weight", Parameter.Type.GAMMA, weightInit, Shapes.channels(input));
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray normal = variance ? divided(pass, x) : normalize(pass, x, axis, eps);
        return weight == null
                ? normal
                : pass.ops().affine(normal, axis, plus(pass, pass.value(weight), offset), null);
    }

    private NDArray divided(ForwardPass pass, NDArray x) {
        int[] channels = {axis};
        NDArray squares = x.sub(x.mean(channels, true)).square().sum(channels, true);
        NDArray mean = pass.ops().div(squares, x.getShape().get(axis) - 1);
        return x.mul(pass.ops().pow(pass.ops().add(mean, eps), -0.5));
    }

    static NDArray plus(ForwardPass pass, NDArray weight, double offset) {
        return offset == 0 ? weight : pass.ops().add(weight, offset);
    }

    /**
     * {@return x divided by its root mean square}
     *
     * @param x any shape
     * @param axis the axis to normalize over
     * @param eps added to the mean square
     */
    public static NDArray normalize(ForwardPass pass, NDArray x, int axis, double eps) {
        NDArray meanSquare = pass.ops().add(x.square().mean(new int[] {axis}, true), eps);
        return x.mul(pass.ops().pow(meanSquare, -0.5));
    }

    @Override
    public boolean isZeroWithParameters() {
        return offset == 0;
    }

    @Override
    public String describe() {
        return weight == null ? "RmsNorm(no affine)" : "RmsNorm";
    }
}
