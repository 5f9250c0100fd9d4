package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** Computes the maximum or average of a sliding window, {@code (N, C, H, W) -> (N, C, H', W')}. */
public final class PoolBlock extends Layer {

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
    private final Shape padding;
    private final boolean ceil;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}
     * @param kind the function of a window
     * @param kernel the window, {@code (height, width)}
     * @param stride the step
     * @param padding added on each side, at most half of the window
     * @param ceil true to add a last window that reaches over the bottom or right edge; only for
     *     {@link Kind#AVERAGE_INSIDE}
     */
    public PoolBlock(
            Shape input, Kind kind, Shape kernel, Shape stride, Shape padding, boolean ceil) {
        super(input);
        requireRank("pooling", input, 4);
        for (int axis = 0; axis < 2; axis++) {
            if (2 * padding.get(axis) > kernel.get(axis)) {
                throw new IllegalArgumentException(
                        "padding must be at most half of the kernel "
                                + kernel
                                + ", got "
                                + padding);
            }
        }
        if (ceil && kind != Kind.AVERAGE_INSIDE) {
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
        if (kind == Kind.MAX) {
            return x.getNDArrayInternal().maxPool(kernel, stride, padding, false);
        }
        NDArray extended = extended(x);
        NDArray y = average(extended);
        boolean plain = extended == x && padding.get(0) == 0 && padding.get(1) == 0;
        if (kind == Kind.AVERAGE || plain) {
            return y;
        }
        // PyTorch's binding ignores count_include_pad, so divide by the share of each window that
        // is inside the image.
        Shape s = x.getShape();
        NDArray share =
                average(
                        extended(
                                x.getManager()
                                        .ones(
                                                new Shape(1, 1, s.get(2), s.get(3)),
                                                x.getDataType())));
        return y.div(share);
    }

    private NDArray average(NDArray x) {
        return x.getNDArrayInternal().avgPool(kernel, stride, padding, false, true);
    }

    /** Adds zeros at the bottom and right, so that the last window of a ceil pool fits. */
    private NDArray extended(NDArray x) {
        NDArray y = x;
        NDManager manager = x.getManager();
        for (int axis = 0; axis < 2; axis++) {
            Shape s = y.getShape();
            long missing = missing(s.get(2 + axis), axis);
            if (missing > 0) {
                long[] dims = s.getShape().clone();
                dims[2 + axis] = missing;
                NDArray zeros = manager.zeros(new Shape(dims), x.getDataType());
                y = NDArrays.concat(new NDList(y, zeros), 2 + axis);
            }
        }
        return y;
    }

    private long missing(long in, int axis) {
        long k = kernel.get(axis);
        long last = (positions(in, axis) - 1) * stride.get(axis) + k;
        return Math.max(0, last - in - 2 * padding.get(axis));
    }

    private long positions(long in, int axis) {
        long k = kernel.get(axis);
        long s = stride.get(axis);
        long p = padding.get(axis);
        long floor = Shapes.window(in, k, s, p, 1);
        long rest = (in + 2 * p - k) % s;
        // As in PyTorch, a window must begin inside the image or its left padding.
        return ceil && rest > 0 && floor * s < in + p ? floor + 1 : floor;
    }

    @Override
    public Shape outputShape(Shape in) {
        return new Shape(in.get(0), in.get(1), positions(in.get(2), 0), positions(in.get(3), 1));
    }

    @Override
    public String describe() {
        String name = kind == Kind.MAX ? "MaxPool2d(" : "AveragePool2d(";
        return name + kernel.get(0) + "x" + kernel.get(1) + ", stride " + stride.get(0) + ")";
    }
}
