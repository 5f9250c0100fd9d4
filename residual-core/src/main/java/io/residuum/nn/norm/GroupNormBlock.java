package io.residuum.nn.norm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.Ops;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.EndsInScale;
import org.jspecify.annotations.Nullable;

/**
 * Group normalization of images, volumes or sequences (Wu and He 2018), with one scale and bias per
 * channel, or without. One group per channel is instance normalization (Ulyanov et al. 2016). Keeps
 * the shape.
 */
public final class GroupNormBlock extends Layer implements EndsInScale {
    private final int groups;
    private final float eps;
    private final @Nullable Parameter weight;
    private final @Nullable Parameter bias;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}, {@code (-1, C, D, H, W)} or {@code (-1, T, C)}
     * @param groups the number of channel groups; 1 normalizes over the complete sample
     * @param eps added to the variance
     * @param weightInit the initial scale; null for no scale and no bias
     */
    public GroupNormBlock(Shape input, int groups, double eps, @Nullable Init weightInit) {
        this(input, groups, eps, weightInit, weightInit != null);
    }

    /**
     * Creates the block, with or without a bias.
     *
     * @param input as in the other constructor
     * @param groups the number of channel groups
     * @param eps added to the variance
     * @param weightInit the initial scale; null for none
     * @param withBias true for a bias, which needs a scale
     */
    public GroupNormBlock(
            Shape input, int groups, double eps, @Nullable Init weightInit, boolean withBias) {
        super(input);
        requireRank("group norm", input, 3, 4, 5);
        long c = Shapes.channels(input);
        if (c % groups != 0) {
            throw new IllegalArgumentException(
                    "groups must divide the channels, got %d groups of %d channels"
                            .formatted(groups, c));
        }
        this.groups = groups;
        this.eps = (float) eps;
        this.weight =
                weightInit == null
                        ? null
                        : parameter("weight", Parameter.Type.GAMMA, weightInit, c);
        this.bias = withBias ? parameter("bias", Parameter.Type.BETA, Init.ZEROS, c) : null;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Ops ops = pass.ops();
        NDArray normal =
                Shapes.isSpatial(x.getShape())
                        ? normalized(ops, x)
                        : normalized(ops, x.transpose(0, 2, 1)).transpose(0, 2, 1);
        return weight == null
                ? normal
                : ops.affine(
                        normal,
                        Shapes.channelAxis(x.getShape()),
                        pass.value(weight),
                        pass.valueOrNull(bias));
    }

    /** Normalizes groups of channels, which are axis 1. */
    private NDArray normalized(Ops ops, NDArray x) {
        Shape shape = x.getShape();
        long n = Shapes.sampleSize(shape) / groups;
        NDManager manager = x.getManager();
        Shape row = new Shape(n);
        NDArray ones = manager.ones(row, x.getDataType());
        NDArray zeros = manager.zeros(row, x.getDataType());
        NDArray grouped = x.reshape(-1, groups, n);
        NDArray normal = ops.layerNorm(grouped, ones, zeros, eps);
        return normal.reshape(new Shape(-1).addAll(shape.slice(1)));
    }

    @Override
    public String describe() {
        return "GroupNorm(" + groups + (weight == null ? ", no affine)" : ")");
    }
}
