package io.residuum.transformer.window;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/** Joins the channels of squares, {@code (N, H, W, C) -> (N, H / 2, W / 2, 4 C)}. */
final class PatchMergingBlock extends Layer {
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
