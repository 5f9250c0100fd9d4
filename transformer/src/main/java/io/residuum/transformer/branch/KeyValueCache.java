package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of the positions so far, {@code (N G, capacity, D)} each: new ones are written in
 * place, so that a token costs no copy of those before it. Rows beyond the last position are zeros,
 * which causal attention hides.
 */
final class KeyValueCache {
    /** Rarely copied, and little to compute in vain. */
    private static final int BLOCK = 128;

    private final NDManager manager;
    private @Nullable NDArray keys;
    private @Nullable NDArray values;

    /**
     * An empty cache.
     *
     * @param manager owns the arrays
     */
    KeyValueCache(NDManager manager) {
        this.manager = manager;
    }

    /**
     * How many positions there is room for.
     *
     * @param positions how many are needed
     * @return at least as many
     */
    static int capacity(int positions) {
        return (positions + BLOCK - 1) / BLOCK * BLOCK;
    }

    /**
     * Takes in new positions.
     *
     * @param first the place of the first of them
     * @param k their keys, {@code (N G, T, D)}
     * @param v their values
     */
    void append(int first, NDArray k, NDArray v) {
        int end = first + Math.toIntExact(k.getShape().get(1));
        keys = extended(keys, k, end);
        values = extended(values, v, end);
        NDIndex place = new NDIndex(":, {}:{}", first, end);
        keys.set(place, k);
        values.set(place, v);
    }

    private NDArray extended(@Nullable NDArray old, NDArray like, int end) {
        long had = old == null ? 0 : old.getShape().get(1);
        if (old != null && end <= had) {
            return old;
        }
        Shape s = like.getShape();
        Shape more = new Shape(s.get(0), capacity(end) - had, s.get(2));
        NDArray zeros = manager.zeros(more, like.getDataType());
        if (old == null) {
            return zeros;
        }
        NDArray longer = NDArrays.concat(new NDList(old, zeros), 1);
        longer.attach(manager);
        old.close();
        zeros.close();
        return longer;
    }

    /** All keys. */
    NDArray keys() {
        return of(keys);
    }

    /** All values. */
    NDArray values() {
        return of(values);
    }

    private static NDArray of(@Nullable NDArray array) {
        if (array == null) {
            throw new IllegalStateException("a cache must hold positions before it is read");
        }
        return array;
    }
}
