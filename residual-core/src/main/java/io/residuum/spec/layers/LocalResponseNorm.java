package io.residuum.spec.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Local response normalization across channels (Krizhevsky et al. 2012, Section 3.3): {@code x / (k
 * + alpha / size * sum(x^2))^beta}, with the sum over {@code size} neighbouring channels.
 *
 * @param size number of neighbouring channels, including the channel itself. Default: 5
 * @param alpha factor of the mean square. PyTorch and Caffe divide it by size, TensorFlow does not:
 *     multiply TensorFlow's alpha by size. Default: 1e-4
 * @param beta exponent. Default: 0.75
 * @param k added to the scaled mean square. Default: 1
 */
@TypeName("localResponseNorm")
public record LocalResponseNorm(
        @Default("\"\"") String name,
        @Default("5") int size,
        @Default("1e-4") double alpha,
        @Default("0.75") double beta,
        @Default("1.0") double k)
        implements LayerSpec {
    public LocalResponseNorm {
        Check.positive("size", size);
        Check.notNegative("alpha", alpha);
        Check.finite("beta", beta);
        Check.positive("k", k);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new LocalResponseNormBlock(input);
    }

    /**
     * Local response normalization across channels, {@code x / (k + alpha mean(x^2))^beta}, with
     * the mean over neighbouring channels and zeros beyond the first and last (Krizhevsky et al.
     * 2012, Section 3.3; PyTorch's definition, which divides alpha by the number of neighbours).
     * Keeps the shape.
     */
    private final class LocalResponseNormBlock extends Layer {
        private static final Shape ONE = new Shape(1, 1);

        LocalResponseNormBlock(Shape input) {
            super(input);
            requireRank("local response norm", input, 4);
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
}
