package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.norm.L2NormalizeBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Divides the channels of each position by their Euclidean norm.
 *
 * @param eps the least divisor. Default: 1e-12
 */
@TypeName("l2Normalize")
public record L2Normalize(@Default("\"\"") String name, @Default("1e-12") double eps)
        implements LayerSpec {
    public L2Normalize {
        Check.that(
                eps >= 1e-18 && Double.isFinite(eps),
                "eps must be 1e-18 or more, so that float32 holds its square, got %s",
                eps);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new L2NormalizeBlock(input, eps);
    }
}
