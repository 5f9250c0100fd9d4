package io.residuum.nn.pool;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/**
 * Computes the generalized mean over all positions, {@code mean(max(x, eps)^p)^(1/p)}, with a
 * learned {@code p} (Radenovic et al. 2018, arXiv:1711.02512, Equation 3): {@code (N, C, H, W) ->
 * (N, C)} or {@code (N, T, C) -> (N, C)}.
 */
public final class GeneralizedMeanPoolBlock extends Layer {
    private final double eps;
    private final Layer mean;
    private final Parameter exponent;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)} or {@code (-1, T, C)}
     * @param p the initial exponent
     * @param eps the lower bound of the elements, positive
     */
    public GeneralizedMeanPoolBlock(Shape input, double p, double eps) {
        super(input);
        this.eps = eps;
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
