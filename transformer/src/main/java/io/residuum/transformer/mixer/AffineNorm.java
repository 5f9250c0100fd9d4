package io.residuum.transformer.mixer;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
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
}
