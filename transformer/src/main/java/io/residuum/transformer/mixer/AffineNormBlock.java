package io.residuum.transformer.mixer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.EndsInScale;

/**
 * A learned factor and offset per channel instead of a norm, {@code weight x + bias} (Touvron et
 * al. 2021, arXiv:2105.03404, Section 2). Keeps the shape.
 */
final class AffineNormBlock extends Layer implements EndsInScale {
    private final Parameter weight;
    private final Parameter bias;

    /**
     * Creates the block.
     *
     * @param input any shape with channels
     * @param weightInit the initial factor
     */
    AffineNormBlock(Shape input, Init weightInit) {
        super(input);
        long channels = Shapes.channels(input);
        weight = parameter("weight", Parameter.Type.GAMMA, weightInit, channels);
        bias = parameter("bias", Parameter.Type.BETA, Init.ZEROS, channels);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        int axis = Shapes.channelAxis(inputShape());
        return pass.ops().affine(x, axis, pass.value(weight), pass.value(bias));
    }

    @Override
    public String describe() {
        return "Affine";
    }
}
