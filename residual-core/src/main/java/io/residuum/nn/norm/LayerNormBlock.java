package io.residuum.nn.norm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import org.jspecify.annotations.Nullable;

/**
 * Layer normalization over the channels of each position (Ba et al. 2016). Keeps the shape. On
 * images it normalizes the channels of each pixel, as in ConvNeXt (Liu et al. 2022).
 */
public final class LayerNormBlock extends Layer {
    private final float eps;
    private final Parameter weight;
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
        this(input, eps, weightInit, true);
    }

    /**
     * Creates the block with or without a bias.
     *
     * @param input as for the other constructor
     * @param eps added to the variance
     * @param weightInit the initial scale
     * @param withBias whether a bias, initially 0, is added
     */
    public LayerNormBlock(Shape input, double eps, Init weightInit, boolean withBias) {
        super(input);
        if (!Shapes.isChannelsLast(input)) {
            requireRank("layer norm", input, 2, 3, 4, 5);
        }
        this.eps = (float) eps;
        long c = Shapes.channels(input);
        this.weight = parameter("weight", Parameter.Type.GAMMA, weightInit, c);
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
        NDArray scale = pass.value(weight);
        NDArray shift =
                bias == null
                        ? pass.shared(new Zeros(scale.getShape(), scale.getDataType()))
                        : pass.value(bias);
        return pass.ops().layerNorm(x, scale, shift, eps);
    }

    /** The bias that engines need, if there is none. */
    private record Zeros(Shape shape, DataType type) implements ForwardPass.Shared<NDArray> {
        @Override
        public NDArray make(ForwardPass pass) {
            return pass.manager().zeros(shape, type);
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    @Override
    public String describe() {
        return bias == null ? "LayerNorm(no bias)" : "LayerNorm";
    }
}
