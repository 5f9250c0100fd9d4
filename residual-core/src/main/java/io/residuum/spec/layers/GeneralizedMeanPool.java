package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.pool.GeneralizedMeanPoolBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The generalized mean over all positions with a learned exponent (Radenovic et al. 2018,
 * arXiv:1711.02512), called GeM: {@code mean(max(x, eps)^p)^(1/p)}.
 *
 * @param p initial exponent. Default: 3
 * @param eps lower bound of the elements. Default: 1e-6
 */
@TypeName("gemPool")
public record GeneralizedMeanPool(
        @Default("\"\"") String name, @Default("3.0") double p, @Default("1e-6") double eps)
        implements LayerSpec {
    public GeneralizedMeanPool {
        Check.that(p != 0 && Double.isFinite(p), "p must be finite and not 0, got %s", p);
        Check.positive("eps", eps);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new GeneralizedMeanPoolBlock(input, p, eps);
    }
}
