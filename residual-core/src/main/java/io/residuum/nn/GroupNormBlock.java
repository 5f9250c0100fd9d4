package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;

/**
 * Group normalization of {@code (N, C, H, W)} (Wu and He 2018), with one scale and bias per
 * channel. Keeps the shape.
 */
public final class GroupNormBlock extends Layer {
    private final int groups;
    private final float eps;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}
     * @param groups the number of channel groups; 1 normalizes over the complete sample
     * @param eps added to the variance
     * @param weightInit the initial scale
     */
    public GroupNormBlock(Shape input, int groups, double eps, Init weightInit) {
        super(input);
        requireRank("group norm", input, 4);
        long c = input.get(1);
        if (c % groups != 0) {
            throw new IllegalArgumentException(
                    "groups must divide the channels, got %d groups of %d channels"
                            .formatted(groups, c));
        }
        this.groups = groups;
        this.eps = (float) eps;
        this.weight = parameter("weight", Parameter.Type.GAMMA, weightInit, c);
        this.bias = parameter("bias", Parameter.Type.BETA, Init.ZEROS, c);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape shape = x.getShape();
        long n = Shapes.sampleSize(shape) / groups;
        NDManager manager = x.getManager();
        Shape row = new Shape(n);
        NDArray ones = manager.ones(row, x.getDataType());
        NDArray zeros = manager.zeros(row, x.getDataType());
        NDArray grouped = x.reshape(-1, groups, n);
        NDArray normal =
                grouped.getNDArrayInternal().layerNorm(grouped, row, ones, zeros, eps).head();
        NDArray shaped = normal.reshape(-1, shape.get(1), shape.get(2), shape.get(3));
        return pass.ops().affine(shaped, 1, pass.value(weight), pass.value(bias));
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    @Override
    public String describe() {
        return "GroupNorm(" + groups + ")";
    }
}
