package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** Adds pixels of one value around images, {@code (N, C, H, W) -> (N, C, H', W')}. */
public final class PadBlock extends Layer {
    private final Padding.Sides sides;
    private final double value;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}
     * @param sides the pixels at each side
     * @param value the value of the new pixels
     */
    public PadBlock(Shape input, Padding.Sides sides, double value) {
        super(input);
        requireRank("padding", input, 4);
        this.sides = sides;
        this.value = value;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape before = new Shape(sides.top(), sides.left());
        Shape after = new Shape(sides.bottom(), sides.right());
        return sides.isNone() ? x : pass.ops().pad(x, before, after, value);
    }

    @Override
    public Shape outputShape(Shape in) {
        return new Shape(
                in.get(0),
                in.get(1),
                in.get(2) + sides.top() + sides.bottom(),
                in.get(3) + sides.left() + sides.right());
    }

    @Override
    public String describe() {
        return "Pad2d(" + sides + (value == 0 ? ")" : ", value " + value + ")");
    }
}
