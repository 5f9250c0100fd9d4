package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.norm.LocalResponseNormBlock;
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
        return new LocalResponseNormBlock(input, size, alpha, beta, k);
    }
}
