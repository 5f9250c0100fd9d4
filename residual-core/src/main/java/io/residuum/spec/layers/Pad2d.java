package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.PadBlock;
import io.residuum.nn.Padding;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Pixels of one value around images, {@code (N, C, H, W) -> (N, C, H', W')}.
 *
 * @param name its name. Default: empty
 * @param padding pixels at the sides, not {@code "same"}
 * @param value value of the new pixels. Default: 0
 */
@TypeName("pad2d")
@Doc("Pixels of one value around images (N, C, H, W).")
public record Pad2d(@Default("\"\"") String name, Padding2d padding, @Default("0.0") double value)
        implements LayerSpec {
    public Pad2d {
        Check.that(
                padding.toPadding() instanceof Padding.Sides,
                "padding must be numbers, got \"same\"; give [top, bottom, left, right], or set"
                        + " \"same\" in the layer that follows");
        Check.finite("value", value);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new PadBlock(input, (Padding.Sides) padding.toPadding(), value);
    }
}
