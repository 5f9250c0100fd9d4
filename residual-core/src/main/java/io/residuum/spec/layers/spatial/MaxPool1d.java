package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Padding;
import io.residuum.nn.pool.PoolBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The maximum of each window of sequences {@code (N, T, C)}.
 *
 * @param kernel window
 * @param stride step. Default: 2
 * @param padding on each side, at most half of the kernel. Default: 0
 */
@TypeName("maxPool1d")
public record MaxPool1d(
        @Default("\"\"") String name,
        int kernel,
        @Default("2") int stride,
        @Default("0") int padding)
        implements LayerSpec {
    public MaxPool1d {
        Check.positive("kernel", kernel);
        Check.positive("stride", stride);
        Check.notNegative("padding", padding);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new PoolBlock(
                input,
                PoolBlock.Kind.MAX,
                new Shape(kernel),
                new Shape(stride),
                Padding.both(new Shape(padding)),
                false);
    }
}
