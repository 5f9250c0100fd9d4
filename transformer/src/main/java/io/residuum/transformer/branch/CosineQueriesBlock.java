package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.norm.L2NormalizeBlock;

/**
 * Queries of length one times a learned factor per head, {@code (N H, T, D)}. The parameter is the
 * logarithm of the factor, which is at most 100 (Liu et al. 2022, arXiv:2111.09883, Section 3.3).
 */
final class CosineQueriesBlock extends Layer {
    /** The least length that queries and keys are divided by. */
    static final double EPS = 1e-12;

    private static final double MAX = Math.log(100);
    private static final float START = (float) Math.log(10);

    private final int heads;
    private final Parameter logitScale;

    /** Creates the block for queries {@code (-1, T, D)}. */
    CosineQueriesBlock(Shape input, int heads) {
        super(input);
        this.heads = heads;
        logitScale = parameter("logitScale", Parameter.Type.OTHER, Init.constant(START), heads);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape s = x.getShape();
        NDArray logarithms = pass.value(logitScale).reshape(1, heads, 1);
        logarithms.attach(pass.manager());
        NDArray factors = pass.ops().minimum(logarithms, MAX).exp();
        NDArray unit = L2NormalizeBlock.normalize(pass, x, 2, EPS);
        return unit.reshape(-1, heads, s.get(1) * s.get(2))
                .mul(factors)
                .reshape(-1, s.get(1), s.get(2));
    }

    @Override
    public String describe() {
        return "CosineQueries(" + heads + ")";
    }
}
