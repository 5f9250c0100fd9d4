package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Padding;
import io.residuum.nn.pool.PoolBlock;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The maximum of each window of volumes {@code (N, C, D, H, W)}.
 *
 * @param kernel window
 * @param stride step. Default: 2
 * @param padding on each side, at most half of the kernel. Default: 0
 */
@TypeName("maxPool3d")
public record MaxPool3d(
        @Default("\"\"") String name,
        Size3d kernel,
        @Default("2") Size3d stride,
        @Default("0") Size3d padding)
        implements LayerSpec {
    public MaxPool3d {
        kernel.requireAtLeast("kernel", 1);
        stride.requireAtLeast("stride", 1);
        padding.requireAtLeast("padding", 0);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new PoolBlock(
                input,
                PoolBlock.Kind.MAX,
                kernel.toShape(),
                stride.toShape(),
                Padding.both(padding.toShape()),
                false);
    }
}
