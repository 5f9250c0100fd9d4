package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.pool.BlurPoolBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Anti-aliased subsampling (Zhang 2019, arXiv:1904.11486): a binomial filter with reflected edges,
 * {@code (N, C, H, W) -> (N, C, H', W')}.
 *
 * @param kernel height and width of the filter, 2 or more. Default: 3
 * @param stride step. Default: 2
 */
@TypeName("blurPool2d")
public record BlurPool2d(
        @Default("\"\"") String name, @Default("3") int kernel, @Default("2") int stride)
        implements LayerSpec {
    public BlurPool2d {
        Check.that(kernel >= 2, "kernel must be 2 or more, got %s", kernel);
        Check.positive("stride", stride);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new BlurPoolBlock(input, kernel, stride);
    }
}
