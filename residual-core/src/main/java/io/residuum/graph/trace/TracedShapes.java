package io.residuum.graph.trace;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The shapes of results, by arithmetic on the shapes of operands. */
final class TracedShapes {
    private TracedShapes() {}

    static Shape broadcast(Shape a, Shape b) {
        int rank = Math.max(a.dimension(), b.dimension());
        long[] dims = new long[rank];
        for (int i = 0; i < rank; i++) {
            int fromA = i - rank + a.dimension();
            int fromB = i - rank + b.dimension();
            long x = fromA < 0 ? 1 : a.get(fromA);
            long y = fromB < 0 ? 1 : b.get(fromB);
            if (x != y && x != 1 && y != 1) {
                throw new IllegalArgumentException(
                        "shapes must broadcast, got "
                                + BatchProbe.dims(a)
                                + " and "
                                + BatchProbe.dims(b));
            }
            dims[i] = x == 1 ? y : x;
        }
        return new Shape(dims);
    }

    /** Returns the shape that a target with -1 in it stands for. */
    static Shape reshaped(Shape shape, Shape target) {
        long[] dims = target.getShape().clone();
        long known = 1;
        int open = -1;
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] == -1) {
                open = i;
            } else {
                known *= dims[i];
            }
        }
        if (open >= 0) {
            dims[open] = shape.size() / known;
        }
        Shape result = new Shape(dims);
        if (result.size() != shape.size()) {
            throw new IllegalArgumentException(
                    "reshape must keep the number of elements, got "
                            + BatchProbe.dims(shape)
                            + " to "
                            + BatchProbe.dims(result));
        }
        if (Arrays.stream(dims).filter(BatchProbe::isIn).count() > 1) {
            throw new UnsupportedOperationException(
                    "reshape to " + BatchProbe.dims(result) + ": the batch must be in one axis");
        }
        return result;
    }

    /** Replaces the size of an axis. */
    static Shape with(Shape shape, int axis, long size) {
        long[] dims = shape.getShape().clone();
        dims[axis] = size;
        return new Shape(dims);
    }

    /** Removes axes, or leaves one element in each. */
    static Shape without(Shape shape, boolean keep, int... axes) {
        return new Shape(
                IntStream.range(0, shape.dimension())
                        .filter(i -> keep || !contains(axes, i))
                        .mapToLong(i -> contains(axes, i) ? 1 : shape.get(i))
                        .toArray());
    }

    private static boolean contains(int[] axes, int axis) {
        return Arrays.stream(axes).anyMatch(a -> a == axis);
    }

    /** Counts negative axes from the end. */
    static int[] positive(Shape shape, int... axes) {
        return Arrays.stream(axes).map(a -> a < 0 ? a + shape.dimension() : a).sorted().toArray();
    }
}
