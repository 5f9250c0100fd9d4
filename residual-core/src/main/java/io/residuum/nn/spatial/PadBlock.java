package io.residuum.nn.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import java.util.Locale;

/**
 * Adds positions before and after each axis of positions of sequences {@code (N, T, C)}, images
 * {@code (N, C, H, W)} or volumes {@code (N, C, D, H, W)}.
 */
public final class PadBlock extends Layer {

    /** The values of added positions. */
    public enum Mode {
        /** One number. */
        CONSTANT,
        /** The positions beyond the outermost one, mirrored. */
        REFLECT,
        /** The outermost position. */
        REPLICATE
    }

    private final Shape before;
    private final Shape after;
    private final Mode mode;
    private final double value;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, T, C)}, {@code (-1, C, H, W)} or {@code (-1, C, D, H, W)}
     * @param before the number of positions to add before each axis
     * @param after the number of positions to add after each axis
     * @param mode the values of added positions
     * @param value the number of {@link Mode#CONSTANT}
     */
    public PadBlock(Shape input, Shape before, Shape after, Mode mode, double value) {
        super(input);
        requireRank("pad", input, before.dimension() + 2);
        this.before = before;
        this.after = after;
        this.mode = mode;
        this.value = value;
        for (int i = 0; mode == Mode.REFLECT && i < before.dimension(); i++) {
            long size = input.get(Shapes.positionAxis(input) + i);
            if (Math.max(before.get(i), after.get(i)) >= size) {
                throw new IllegalArgumentException(
                        "padding by reflection must be less than the %d positions, got %d and %d: use less, or replicate"
                                .formatted(size, before.get(i), after.get(i)));
            }
        }
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        if (mode == Mode.CONSTANT) {
            NDArray images = Shapes.exchangeSequence(x);
            return Shapes.exchangeSequence(pass.ops().pad(images, before, after, value));
        }
        NDArray y = x;
        for (int i = 0; i < before.dimension(); i++) {
            int axis = Shapes.positionAxis(x.getShape()) + i;
            NDList parts = new NDList();
            add(parts, y, axis, before.get(i), true);
            parts.add(y);
            add(parts, y, axis, after.get(i), false);
            y = parts.size() == 1 ? y : NDArrays.concat(parts, axis);
        }
        return y;
    }

    private void add(NDList parts, NDArray x, int axis, long count, boolean first) {
        if (count == 0) {
            return;
        }
        long size = x.getShape().get(axis);
        if (mode == Mode.REPLICATE) {
            parts.add(slice(x, axis, first ? 0 : size - 1).repeat(axis, count));
            return;
        }
        for (long i = 1; i <= count; i++) {
            parts.add(slice(x, axis, first ? count + 1 - i : size - 1 - i));
        }
    }

    private static NDArray slice(NDArray x, int axis, long position) {
        return x.get(new NDIndex().addAllDim(axis).addSliceDim(position, position + 1));
    }

    @Override
    public Shape outputShape(Shape in) {
        int first = Shapes.positionAxis(in);
        return Shapes.withPositions(in, i -> before.get(i) + in.get(first + i) + after.get(i));
    }

    @Override
    public String describe() {
        return "Pad(%s, %s, %s)"
                .formatted(
                        before,
                        after,
                        mode == Mode.CONSTANT ? value : mode.name().toLowerCase(Locale.ROOT));
    }
}
