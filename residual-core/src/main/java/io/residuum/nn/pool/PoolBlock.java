package io.residuum.nn.pool;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Padding;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.PadsBySize;

/** Computes the maximum or average of a sliding window, {@code (N, C, H, W) -> (N, C, H', W')}. */
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
     * @param input {@code (-1, C, H, W)}
     * @param kind the function of a window
     * @param kernel the window, {@code (height, width)}
     * @param stride the step
     * @param padding at most half of the window at each side
     * @param ceil true to add a last window that reaches over the bottom or right edge; not for
     *     {@link Kind#AVERAGE}
     */
    public PoolBlock(
            Shape input, Kind kind, Shape kernel, Shape stride, Padding padding, boolean ceil) {
        super(input);
        requireRank("pooling", input, 4);
        Padding.Sides sides = padding.sides(input, kernel, stride);
        for (int axis = 0; axis < 2; axis++) {
            if (2 * Math.max(sides.before(axis), sides.after(axis)) > kernel.get(axis)) {
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
        NDArray y = pooled(pass, x);
        Shape s = x.getShape();
        if (kind != Kind.AVERAGE_INSIDE || sides(s).isNone()) {
            return y;
        }
        // PyTorch's binding ignores count_include_pad, so divide by the share of each window that
        // is inside the image.
        Shape image = new Shape(1, 1, s.get(2), s.get(3));
        return y.div(pooled(pass, x.getManager().ones(image, x.getDataType())));
    }

    private NDArray pooled(ForwardPass pass, NDArray x) {
        Padding.Sides sides = sides(x.getShape());
        double beyond = kind == Kind.MAX ? Double.NEGATIVE_INFINITY : 0;
        NDArrayEx padded = sides.addRest(pass.ops(), x, beyond).getNDArrayInternal();
        return kind == Kind.MAX
                ? padded.maxPool(kernel, stride, sides.common(), false)
                : padded.avgPool(kernel, stride, sides.common(), false, true);
    }

    /** {@return the padding, extended so that the last window of a ceil pool fits} */
    private Padding.Sides sides(Shape image) {
        Padding.Sides sides = padding.sides(image, kernel, stride);
        return sides.extended(missing(image, sides, 0), missing(image, sides, 1));
    }

    private long missing(Shape image, Padding.Sides sides, int axis) {
        long covered = (positions(image, axis) - 1) * stride.get(axis) + kernel.get(axis);
        long padded = image.get(2 + axis) + sides.before(axis) + sides.after(axis);
        return Math.max(0, covered - padded);
    }

    private long positions(Shape image, int axis) {
        Padding.Sides sides = padding.sides(image, kernel, stride);
        long in = image.get(2 + axis);
        long k = kernel.get(axis);
        long s = stride.get(axis);
        long before = sides.before(axis);
        long floor = Shapes.window(in, k, s, before, sides.after(axis), 1);
        long rest = (in + before + sides.after(axis) - k) % s;
        // As in PyTorch, a window must begin inside the image or its left padding.
        return ceil && rest > 0 && floor * s < in + before ? floor + 1 : floor;
    }

    @Override
    public boolean padsBySize() {
        return ceil && stride.size() > 1 || padding.dependsOnSize(stride);
    }

    @Override
    public Shape outputShape(Shape in) {
        return new Shape(in.get(0), in.get(1), positions(in, 0), positions(in, 1));
    }

    @Override
    public String describe() {
        String name = kind == Kind.MAX ? "MaxPool2d(" : "AveragePool2d(";
        return name + kernel.get(0) + "x" + kernel.get(1) + ", stride " + stride.get(0) + ")";
    }
}
