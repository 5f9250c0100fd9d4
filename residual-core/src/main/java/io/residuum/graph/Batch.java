package io.residuum.graph;

import ai.djl.ndarray.types.Shape;
import java.util.StringJoiner;

/**
 * The free batch size. A network is captured with a batch of a large prime: a size that the batch
 * takes part in is a multiple of it, and no other is.
 */
public final class Batch {

    /** The batch size a network is captured with. */
    public static final long SIZE = 1_000_003;

    private Batch() {}

    /**
     * Whether a size depends on the batch.
     *
     * @param size a size of a node's shape
     * @return true for N, 2N, ...
     */
    public static boolean isIn(long size) {
        return size != 0 && size % SIZE == 0;
    }

    /**
     * A size for an actual batch.
     *
     * @param size a size of a node's shape
     * @param batch the batch
     * @return the size itself where the batch takes no part in it
     */
    public static long of(long size, long batch) {
        return isIn(size) ? size / SIZE * batch : size;
    }

    /**
     * A shape for an actual batch.
     *
     * @param shape of a node
     * @param batch the batch; -1 for what engines understand as one to be inferred
     * @return a new shape
     */
    public static Shape of(Shape shape, long batch) {
        long[] dims = shape.getShape().clone();
        for (int i = 0; i < dims.length; i++) {
            dims[i] = batch == -1 && isIn(dims[i]) ? -1 : of(dims[i], batch);
        }
        return new Shape(dims);
    }

    /**
     * A shape for people.
     *
     * @param shape of a node
     * @return for instance {@code (N, 64, 56, 56)}
     */
    public static String text(Shape shape) {
        StringJoiner out = new StringJoiner(", ", "(", ")");
        for (long size : shape.getShape()) {
            out.add(DimExpr.of(size).toString());
        }
        return out.toString();
    }
}
