package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Moves pixels to channels, {@code (N, C, H r, W r) -> (N, C r r, H, W)}: the inverse of {@link
 * PixelShuffle}.
 *
 * @param factor factor r of height and width
 */
@TypeName("pixelUnshuffle")
public record PixelUnshuffle(@Default("\"\"") String name, int factor) implements LayerSpec {
    public PixelUnshuffle {
        Check.positive("factor", factor);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new PixelShuffleBlock(input, factor, true);
    }
}
