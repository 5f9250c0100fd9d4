package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.pool.PoolBlock;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The maximum of each window, {@code (N, C, H, W) -> (N, C, H', W')}.
 *
 * @param kernel window
 * @param stride step. Default: 2
 * @param padding around the image, at most half of the kernel at each side. Default: 0
 * @param ceil true to add a last window that reaches over the edge. Default: false
 */
@TypeName("maxPool2d")
public record MaxPool2d(
        @Default("\"\"") String name,
        Size2d kernel,
        @Default("2") Size2d stride,
        @Default("0") Padding2d padding,
        @Default("false") boolean ceil)
        implements LayerSpec {
    public MaxPool2d {
        kernel.requireAtLeast("kernel", 1);
        stride.requireAtLeast("stride", 1);
        padding.toPadding(); // checks sizes
    }

    /**
     * Creates a pool whose last window ends inside the padded image.
     *
     * @param name its name; may be empty
     * @param kernel window
     * @param stride step
     * @param padding around the image
     */
    public MaxPool2d(String name, Size2d kernel, Size2d stride, Padding2d padding) {
        this(name, kernel, stride, padding, false);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new PoolBlock(
                input,
                PoolBlock.Kind.MAX,
                kernel.toShape(),
                stride.toShape(),
                padding.toPadding(),
                ceil);
    }
}
