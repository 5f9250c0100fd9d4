package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.SparseFormat;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;

/** Looks up rows of tables by ids, and checks the ids first. */
public final class Ids {
    private Ids() {}

    /**
     * {@return the row of a table for each id, in the shape of the ids and one more axis}
     *
     * @param ops the operations of the pass
     * @param what the name of the ids in messages, for instance {@code tokens}
     * @param ids integers of any shape
     * @param table {@code (V, C)}
     * @throws IllegalArgumentException as {@link #require}
     */
    public static NDArray rows(Ops ops, String what, NDArray ids, NDArray table) {
        if (!ops.captures()) {
            require(ops, what, ids, table.getShape().get(0));
        }
        return ids.getNDArrayInternal().embedding(ids, table, SparseFormat.DENSE).head();
    }

    /**
     * Requires that ids are rows of a table. For others, MXNet silently takes another row, and
     * PyTorch on a GPU fails in a later call. Training on a GPU does not check, because each step
     * would wait for the GPU.
     *
     * @param ops the operations of the pass
     * @param what the name of the ids in messages
     * @param ids integers of any shape
     * @param count the number of rows
     * @throws IllegalArgumentException if an id is not in [0, count)
     */
    public static void require(Ops ops, String what, NDArray ids, long count) {
        if (ids.getDevice().isGpu() && ops.recording()) {
            return;
        }
        for (long id : Values.longs(ids)) {
            if (id < 0 || id >= count) {
                throw new IllegalArgumentException(
                        "the ids of %s must be in [0, %d), found %d: correct it, or use a network with a larger table"
                                .formatted(what, count, id));
            }
        }
    }
}
