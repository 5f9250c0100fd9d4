package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.spatial.PadBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Adds positions around sequences {@code (N, T, C)}, images {@code (N, C, H, W)} or volumes {@code
 * (N, C, D, H, W)}.
 *
 * @param border positions to add
 * @param mode values of added positions: {@code constant}, {@code reflect} (mirrored without the
 *     outermost position) or {@code replicate} (the outermost position). Default: constant
 * @param value number of the mode {@code constant}. Default: 0
 */
@TypeName("pad")
public record Pad(
        @Default("\"\"") String name,
        Border border,
        @Default("\"constant\"") PadBlock.Mode mode,
        @Default("0.0") double value)
        implements LayerSpec {
    public Pad {
        Check.finite("value", value);
        Check.that(
                value == 0 || mode == PadBlock.Mode.CONSTANT,
                "value needs the mode constant, got %s; remove one of them",
                value);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new PadBlock(input, border.before(input), border.after(input), mode, value);
    }
}
