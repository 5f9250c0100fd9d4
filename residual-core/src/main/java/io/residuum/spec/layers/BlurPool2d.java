package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.pool.BlurPoolBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Anti-aliased subsampling (Zhang 2019, arXiv:1904.11486): a binomial filter, {@code (N, C, H, W)
 * -> (N, C, H', W')}.
 *
 * @param name its name. Default: empty
 * @param kernel height and width of the filter, 2 or more. Default: 3
 * @param stride step. Default: 2
 * @param reflect true to reflect pixels at the edges, false for zeros around the image. Default:
 *     true
 */
@TypeName("blurPool2d")
@Doc("Anti-aliased subsampling of (N, C, H, W) by a binomial filter: Zhang 2019.")
public record BlurPool2d(
        @Default("\"\"") String name,
        @Default("3") int kernel,
        @Default("2") int stride,
        @Default("true") boolean reflect)
        implements LayerSpec {
    public BlurPool2d {
        Check.that(kernel >= 2, "kernel must be 2 or more, got %s", kernel);
        Check.positive("stride", stride);
    }

    /**
     * Creates a layer that reflects pixels at the edges.
     *
     * @param name its name; may be empty
     * @param kernel the height and width of the filter
     * @param stride the step
     */
    public BlurPool2d(String name, int kernel, int stride) {
        this(name, kernel, stride, true);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new BlurPoolBlock(input, kernel, stride, reflect);
    }
}
