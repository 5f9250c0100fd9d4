package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.PoolBlock;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The maximum of each window, {@code (N, C, H, W) -> (N, C, H', W')}.
 *
 * @param name its name. Default: empty
 * @param kernel window
 * @param stride step. Default: 2
 * @param padding on each side, at most half of the kernel. Default: 0
 */
@TypeName("maxPool2d")
@Doc("The maximum of each window of (N, C, H, W).")
public record MaxPool2d(
        @Default("\"\"") String name,
        Size2d kernel,
        @Default("2") Size2d stride,
        @Default("0") Size2d padding)
        implements LayerSpec {
    public MaxPool2d {
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
                padding.toShape(),
                false);
    }
}
