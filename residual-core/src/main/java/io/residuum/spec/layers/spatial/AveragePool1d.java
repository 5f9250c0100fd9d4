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
 * The mean of each window of sequences {@code (N, T, C)}.
 *
 * @param kernel window
 * @param stride step. Default: 2
 * @param padding zeros on each side, at most half of the kernel. Default: 0
 * @param ceil true to add a last window that reaches over the edge; needs countIncludePad false.
 *     Default: false
 * @param countIncludePad true to include the zeros of the padding in the mean. Default: true
 */
@TypeName("averagePool1d")
public record AveragePool1d(
        @Default("\"\"") String name,
        int kernel,
        @Default("2") int stride,
        @Default("0") int padding,
        @Default("false") boolean ceil,
        @Default("true") boolean countIncludePad)
        implements LayerSpec {
    public AveragePool1d {
        Check.positive("kernel", kernel);
        Check.positive("stride", stride);
        Check.notNegative("padding", padding);
        Check.that(
                !ceil || !countIncludePad,
                "ceil needs \"countIncludePad\": false, got true; set it to false, or remove ceil");
    }

    @Override
    public Layer newBlock(Shape input) {
        return new PoolBlock(
                input,
                countIncludePad ? PoolBlock.Kind.AVERAGE : PoolBlock.Kind.AVERAGE_INSIDE,
                new Shape(kernel),
                new Shape(stride),
                Padding.both(new Shape(padding)),
                ceil);
    }
}
