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
 * The mean of each window of volumes {@code (N, C, D, H, W)}.
 *
 * @param kernel window
 * @param stride step. Default: 2
 * @param padding zeros on each side, at most half of the kernel. Default: 0
 * @param ceil true to add a last window that reaches over the edge; needs countIncludePad false.
 *     Default: false
 * @param countIncludePad true to include the zeros of the padding in the mean. Default: true
 */
@TypeName("averagePool3d")
public record AveragePool3d(
        @Default("\"\"") String name,
        Size3d kernel,
        @Default("2") Size3d stride,
        @Default("0") Size3d padding,
        @Default("false") boolean ceil,
        @Default("true") boolean countIncludePad)
        implements LayerSpec {
    public AveragePool3d {
        kernel.requireAtLeast("kernel", 1);
        stride.requireAtLeast("stride", 1);
        padding.requireAtLeast("padding", 0);
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
                Padding.both(padding.toShape()),
                ceil);
    }
}
