package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.pool.PoolBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The mean of each window, {@code (N, C, H, W) -> (N, C, H', W')}.
 *
 * @param kernel window
 * @param stride step. Default: 2
 * @param padding zeros around the image, at most half of the kernel at each side. TensorFlow's
 *     average with "same" needs countIncludePad false. Default: 0
 * @param ceil true to add a last window that reaches over the edge; needs countIncludePad false.
 *     Default: false
 * @param countIncludePad true to include the zeros of the padding in the mean. Default: true
 */
@TypeName("averagePool2d")
public record AveragePool2d(
        @Default("\"\"") String name,
        Size2d kernel,
        @Default("2") Size2d stride,
        @Default("0") Padding2d padding,
        @Default("false") boolean ceil,
        @Default("true") boolean countIncludePad)
        implements LayerSpec {
    public AveragePool2d {
        kernel.requireAtLeast("kernel", 1);
        stride.requireAtLeast("stride", 1);
        padding.toPadding(); // checks sizes
        Check.that(
                !ceil || !countIncludePad,
                "ceil needs \"countIncludePad\": false, got true; set it to false, or remove ceil");
    }

    @Override
    public Layer newBlock(Shape input) {
        return new PoolBlock(
                input,
                countIncludePad ? PoolBlock.Kind.AVERAGE : PoolBlock.Kind.AVERAGE_INSIDE,
                kernel.toShape(),
                stride.toShape(),
                padding.toPadding(),
                ceil);
    }
}
