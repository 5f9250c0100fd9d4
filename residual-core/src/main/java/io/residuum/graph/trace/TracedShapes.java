package io.residuum.graph.trace;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Computes the shapes of results from the shapes of operands. */
final class TracedShapes {
    private TracedShapes() {}

    /** Returns the shape of a product of matrices, the second transposed if so. */
    static Shape product(Shape a, Shape b, boolean transposed) {
        int rank = a.dimension();
        int otherRank = b.dimension();
        if (rank < 2 || otherRank < 2) {
            throw new UnsupportedOperationException(
                    "products of vectors: give operands two axes or more");
        }
        Shape batch = broadcast(a.slice(0, rank - 2), b.slice(0, otherRank - 2));
        long columns = b.get(transposed ? otherRank - 2 : otherRank - 1);
        return batch.add(a.get(rank - 2)).add(columns);
    }

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

    /** {@return the target with its -1 resolved} */
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
                    "reshape to "
                            + BatchProbe.dims(result)
                            + ": only one axis may depend on the batch");
        }
        return result;
    }

    static Shape with(Shape shape, int axis, long size) {
        long[] dims = shape.getShape().clone();
        dims[axis] = size;
        return new Shape(dims);
    }

    /** Removes axes, or keeps them with length 1. */
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

    /** {@return the axes, sorted, with negative ones counted from the end} */
    static int[] positive(Shape shape, int... axes) {
        return Arrays.stream(axes).map(a -> a < 0 ? a + shape.dimension() : a).sorted().toArray();
    }
}
