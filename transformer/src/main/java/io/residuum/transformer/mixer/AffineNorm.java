package io.residuum.transformer.mixer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.EndsInScale;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.NormSpec;

/**
 * A learned factor and offset per channel instead of a norm, without statistics (ResMLP, Touvron et
 * al. 2021, arXiv:2105.03404, Section 2).
 *
 * @param init the initial weight. Default: 1
 */
@TypeName("affine")
public record AffineNorm(@Default("1.0") double init) implements NormSpec {
    public AffineNorm {
        Check.finite("init", init);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new AffineNormBlock(input, Init.constant((float) init));
    }

    @Override
    public NormSpec withInit(double value) {
        return new AffineNorm(value);
    }

    /**
     * A learned factor and offset per channel instead of a norm, {@code weight x + bias} (Touvron
     * et al. 2021, arXiv:2105.03404, Section 2). Keeps the shape.
     */
    private static final class AffineNormBlock extends Layer implements EndsInScale {
        private final Parameter weight;
        private final Parameter bias;

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
}
