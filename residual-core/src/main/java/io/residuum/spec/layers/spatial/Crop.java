package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Removes positions at the sides of sequences {@code (N, T, C)}, images {@code (N, C, H, W)} or
 * volumes {@code (N, C, D, H, W)}.
 *
 * @param border positions to remove
 */
@TypeName("crop")
public record Crop(@Default("\"\"") String name, Border border) implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new SliceBlock(
                input,
                "Crop",
                afterBatch(input, border.before(input)),
                afterBatch(input, border.after(input)));
    }

    /** Adds zeros for the axes between the batch and the positions. */
    private static Shape afterBatch(Shape input, Shape positions) {
        return Shapes.positionAxis(input) == 1 ? positions : new Shape(0).addAll(positions);
    }
}
