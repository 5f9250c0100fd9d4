package io.residuum.transformer.window;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Joins the channels of each 2 x 2 square of an image with channels last, {@code (N, H, W, C) ->
 * (N, H / 2, W / 2, 4 C)}, column by column (Liu et al. 2021, arXiv:2103.14030, Section 3.1). Odd
 * sizes are padded with zeros on the right and below.
 */
@TypeName("patchMerging")
public record PatchMerging(@Default("\"\"") String name) implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        Check.that(
                input.dimension() == 4 && Shapes.isChannelsLast(input),
                "the input of patchMerging must be (N, H, W, C) with channels last, got %s",
                input);
        return new PatchMergingBlock(input);
    }

    /** Joins the channels of squares, {@code (N, H, W, C) -> (N, H / 2, W / 2, 4 C)}. */
    private static final class PatchMergingBlock extends Layer {
        PatchMergingBlock(Shape input) {
            super(input);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            NDArray even = Borders.padded(pass, x, 2, 2);
            Shape s = even.getShape();
            long width = s.get(2);
            // Swaps the row of a square with its column, so that one reshape joins both.
            return even.reshape(-1, 2, width, s.get(3))
                    .transpose(0, 2, 1, 3)
                    .reshape(-1, s.get(1) / 2, width / 2, 4 * s.get(3));
        }

        @Override
        public Shape outputShape(Shape in) {
            return Shapes.inOrderOf(
                    in, in.get(0), (in.get(1) + 1) / 2, (in.get(2) + 1) / 2, 4 * in.get(3));
        }
    }
}
