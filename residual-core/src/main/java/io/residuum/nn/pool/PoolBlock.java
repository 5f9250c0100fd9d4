package io.residuum.nn.pool;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Padding;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.PadsBySize;

/**
 * Computes the maximum or average of a sliding window over sequences {@code (N, T, C) -> (N, T',
 * C)}, images {@code (N, C, H, W) -> (N, C, H', W')} or volumes {@code (N, C, D, H, W)}.
 */
public final class PoolBlock extends Layer implements PadsBySize {

    /** The function of a window. */
    public enum Kind {
        /** The largest element. */
        MAX,
        /** The mean, including the zeros of the padding. */
        AVERAGE,
        /** The mean of the elements inside the image. */
        AVERAGE_INSIDE
    }

    private final Kind kind;
    private final Shape kernel;
    private final Shape stride;
    private final Padding padding;
    private final boolean ceil;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, T, C)}, {@code (-1, C, H, W)} or {@code (-1, C, D, H, W)}
     * @param kind the function of a window
     * @param kernel the window, one size per axis of positions: {@code (height, width)}
     * @param stride the step
     * @param padding at most half of the window at each side
     * @param ceil true to add a last window that reaches over the bottom or right edge; not for
     *     {@link Kind#AVERAGE}
     */
    public PoolBlock(
            Shape input, Kind kind, Shape kernel, Shape stride, Padding padding, boolean ceil) {
        super(input);
        requireRank("pooling", input, kernel.dimension() + 2);
        Padding.Sides sides = padding.sides(Shapes.positions(input), kernel, stride);
        for (int axis = 0; axis < kernel.dimension(); axis++) {
            if (2 * Math.max(sides.before().get(axis), sides.after().get(axis))
                    > kernel.get(axis)) {
                throw new IllegalArgumentException(
                        "padding must be at most half of the kernel "
                                + kernel
                                + ", got "
                                + padding);
            }
        }
        if (ceil && kind == Kind.AVERAGE) {
            throw new IllegalArgumentException(
                    "ceil needs averages over elements inside the image, got "
                            + kind
                            + "; set countIncludePad to false");
        }
        this.kind = kind;
        this.kernel = kernel;
        this.stride = stride;
        this.padding = padding;
        this.ceil = ceil;
        outputShape(); // fails now if the window does not fit
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Padding.Sides sides = sides(x.getShape());
        NDArray y = Shapes.exchangeSequence(x);
        NDArray pooled = pooled(pass, y, sides);
        if (kind == Kind.AVERAGE_INSIDE && !sides.isNone()) {
            // PyTorch's binding ignores count_include_pad, so divide by the share of each window
            // that is inside.
            Shape one = new Shape(1, 1).addAll(y.getShape().slice(2));
            NDArray ones = x.getManager().ones(one, x.getDataType());
            pooled = pooled.div(pooled(pass, ones, sides));
        }
        return Shapes.exchangeSequence(pooled);
    }

    /** Pools an array with channels on axis 1. */
    private NDArray pooled(ForwardPass pass, NDArray x, Padding.Sides sides) {
        double beyond = kind == Kind.MAX ? Double.NEGATIVE_INFINITY : 0;
        NDArrayEx padded = sides.addRest(pass.ops(), x, beyond).getNDArrayInternal();
        return kind == Kind.MAX
                ? padded.maxPool(kernel, stride, sides.common(), false)
                : padded.avgPool(kernel, stride, sides.common(), false, true);
    }

    /** {@return the padding, extended so that the last window of a ceil pool fits} */
    private Padding.Sides sides(Shape in) {
        Shape sizes = Shapes.positions(in);
        Padding.Sides sides = padding.sides(sizes, kernel, stride);
        long[] after = sides.after().getShape().clone();
        for (int axis = 0; axis < after.length; axis++) {
            long covered = (windows(sizes, axis) - 1) * stride.get(axis) + kernel.get(axis);
            long padded = sizes.get(axis) + sides.before().get(axis) + after[axis];
            after[axis] += Math.max(0, covered - padded);
        }
        return new Padding.Sides(sides.before(), new Shape(after));
    }

    private long windows(Shape sizes, int axis) {
        Padding.Sides sides = padding.sides(sizes, kernel, stride);
        long in = sizes.get(axis);
        long k = kernel.get(axis);
        long s = stride.get(axis);
        long before = sides.before().get(axis);
        long after = sides.after().get(axis);
        long floor = Shapes.window(in, k, s, before, after, 1);
        long rest = (in + before + after - k) % s;
        // As in PyTorch, a window must begin inside the input or its padding before.
        return ceil && rest > 0 && floor * s < in + before ? floor + 1 : floor;
    }

    @Override
    public boolean padsBySize() {
        return ceil && stride.size() > 1 || padding.dependsOnSize(stride);
    }

    @Override
    public Shape outputShape(Shape in) {
        Shape sizes = Shapes.positions(in);
        return Shapes.withPositions(in, axis -> windows(sizes, axis));
    }

    @Override
    public String describe() {
        return "%sPool%dd(%s, stride %d)"
                .formatted(
                        kind == Kind.MAX ? "Max" : "Average",
                        kernel.dimension(),
                        Shapes.allSizes(kernel),
                        stride.get(0));
    }
}
