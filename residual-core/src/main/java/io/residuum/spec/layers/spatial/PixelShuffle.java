package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Moves channels to pixels, {@code (N, C r r, H, W) -> (N, C, H r, W r)} (Shi et al. 2016,
 * arXiv:1609.05158, Equation 4).
 *
 * @param factor factor r of height and width
 */
@TypeName("pixelShuffle")
public record PixelShuffle(@Default("\"\"") String name, int factor) implements LayerSpec {
    public PixelShuffle {
        Check.positive("factor", factor);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new PixelShuffleBlock(input, factor, false);
    }
}
