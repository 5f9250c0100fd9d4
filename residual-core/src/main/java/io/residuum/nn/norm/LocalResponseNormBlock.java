package io.residuum.nn.norm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;

/**
 * Local response normalization across channels, {@code x / (k + alpha mean(x^2))^beta}, with the
 * mean over neighbouring channels and zeros beyond the first and last (Krizhevsky et al. 2012,
 * Section 3.3; PyTorch's definition, which divides alpha by the number of neighbours). Keeps the
 * shape.
 */
public final class LocalResponseNormBlock extends Layer {
    private static final Shape ONE = new Shape(1, 1);

    private final int size;
    private final double alpha;
    private final double beta;
    private final double k;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}
     * @param size the number of neighbouring channels, including the channel itself
     * @param alpha the factor of the mean square
     * @param beta the exponent
     * @param k added to the scaled mean square
     */
    public LocalResponseNormBlock(Shape input, int size, double alpha, double beta, double k) {
        super(input);
        requireRank("local response norm", input, 4);
        this.size = size;
        this.alpha = alpha;
        this.beta = beta;
        this.k = k;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape s = x.getShape();
        long channels = s.get(1);
        NDArray squares = x.square().reshape(-1, 1, channels, s.get(2) * s.get(3));
        NDArray means =
                squares.getNDArrayInternal()
                        .avgPool(new Shape(size, 1), ONE, new Shape(size / 2, 0), false, true);
        // With an even size there is a window more than channels.
        NDArray mean = size % 2 == 1 ? means : means.get(":, :, 0:{}", channels);
        NDArray base = pass.ops().add(pass.ops().mul(mean, alpha), k);
        NDArray factors = pass.ops().pow(base, -beta).reshape(-1, channels, s.get(2), s.get(3));
        return x.mul(factors);
    }

    @Override
    public String describe() {
        return "LocalResponseNorm(" + size + ")";
    }
}
