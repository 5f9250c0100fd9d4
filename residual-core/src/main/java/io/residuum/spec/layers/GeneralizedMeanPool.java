package io.residuum.spec.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.pool.GlobalPoolBlock;
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
        return new GeneralizedMeanPoolBlock(input);
    }

    /**
     * Computes the generalized mean over all positions, {@code mean(max(x, eps)^p)^(1/p)}, with a
     * learned {@code p} (Radenovic et al. 2018, arXiv:1711.02512, Equation 3): {@code (N, C, H, W)
     * -> (N, C)} or {@code (N, T, C) -> (N, C)}.
     */
    private final class GeneralizedMeanPoolBlock extends Layer {
        private final Layer mean;
        private final Parameter exponent;

        GeneralizedMeanPoolBlock(Shape input) {
            super(input);
            this.mean = new GlobalPoolBlock(input, false);
            // OTHER, because DJL's trainer initializes weights of the types it knows again.
            this.exponent = parameter("p", Parameter.Type.OTHER, Init.constant((float) p), 1);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            NDArray p = pass.value(exponent);
            NDArray powers = pass.ops().maximum(x, eps).log().mul(p).exp();
            return mean.forward(pass, powers).log().div(p).exp();
        }

        @Override
        public Shape outputShape(Shape in) {
            return mean.outputShape(in);
        }

        @Override
        public long activations(Shape in) {
            // The bounded elements, their logarithms, products and powers.
            return Shapes.product(4, Shapes.size(in));
        }
    }
}
