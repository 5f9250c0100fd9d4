package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.pool.AdaptiveAveragePoolBlock;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The mean of windows that divide an image into a fixed number of rows and columns, {@code (N, C,
 * H, W) -> (N, C, height, width)}.
 *
 * @param size size of the output
 */
@TypeName("adaptiveAveragePool2d")
public record AdaptiveAveragePool2d(@Default("\"\"") String name, Size2d size)
        implements LayerSpec {
    public AdaptiveAveragePool2d {
        size.requireAtLeast("size", 1);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new AdaptiveAveragePoolBlock(input, size.height(), size.width());
    }
}
