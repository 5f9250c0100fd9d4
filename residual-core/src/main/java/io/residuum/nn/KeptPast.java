package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A past that holds arrays. New rows are written in place, so that a token costs no copy of those
 * before it; rows beyond the last position are zeros. Begins empty; not shared between threads.
 */
public final class KeptPast implements Past, AutoCloseable {
    /** Rarely copied, and little to compute in vain. */
    private static final int BLOCK = 128;

    private final NDManager manager;
    private final Map<Layer, Runs> kept = new IdentityHashMap<>();
    private int length;
    private long samples;

    /** A layer with tied weights runs several times a pass, and each run has a past of its own. */
    private static final class Runs {
        private final List<NDList> states = new ArrayList<>();
        private int next;
    }

    /**
     * Begins a past without positions.
     *
     * @param owner of the network's engine and device; closing it closes this past as well
     */
    public KeptPast(NDManager owner) {
        manager = owner.newSubManager();
    }

    @Override
    public int length() {
        return length;
    }

    /**
     * How many sequences there are.
     *
     * @return the number of samples, 0 before the first pass
     */
    public long samples() {
        return samples;
    }

    @Override
    public void begin(long batch) {
        if (length == 0) {
            // What a first pass has left that failed is of other inputs.
            kept.clear();
            samples = batch;
        }
        if (batch != samples) {
            throw new IllegalArgumentException(
                    String.format(
                            "a past is of one batch: it has %d samples, got %d", samples, batch));
        }
        kept.values().forEach(runs -> runs.next = 0);
    }

    @Override
    public Rows append(Pass pass, Layer layer, NDList rows) {
        NDList state = next(layer, NDList::new);
        for (NDArray fresh : rows.subNDList(state.size())) {
            Shape s = fresh.getShape();
            long room = rounded(length + s.get(1));
            state.add(manager.zeros(new Shape(s.get(0), room, s.get(2)), fresh.getDataType()));
        }
        for (int i = 0; i < rows.size(); i++) {
            NDArray fresh = rows.get(i);
            fit(state, i, fresh.getShape().get(1), fresh.getDataType());
        }
        write(pass.ops(), state, rows);
        return new Rows(state, length);
    }

    private static long rounded(long positions) {
        return (positions + BLOCK - 1) / BLOCK * BLOCK;
    }

    /**
     * Makes room for new positions of a layer.
     *
     * @param layer a layer that has appended rows before
     * @param run which of its runs in a pass, from 0
     * @param positions how many are new
     * @param type what the arrays are to hold from now on
     * @return the arrays, {@code (B, K, D)} each, with K rows of which the first {@link #length}
     *     hold positions
     */
    public NDList room(Layer layer, int run, int positions, DataType type) {
        NDList state = state(layer, run);
        for (int i = 0; i < state.size(); i++) {
            fit(state, i, positions, type);
        }
        return state;
    }

    /**
     * Writes rows of new positions in place.
     *
     * @param ops of the engine
     * @param arrays as from {@link #room}
     * @param rows {@code (B, T, D)} for each of them
     */
    public void write(Ops ops, NDList arrays, NDList rows) {
        for (int i = 0; i < arrays.size(); i++) {
            ops.write(arrays.get(i), length, rows.get(i));
        }
    }

    private void fit(NDList state, int i, long positions, DataType type) {
        NDArray array = state.get(i);
        if (array.getDataType() != type) {
            array = replaced(state, i, array.toType(type, false));
        }
        Shape s = array.getShape();
        long end = length + positions;
        if (end > s.get(1)) {
            Shape more = new Shape(s.get(0), rounded(end) - s.get(1), s.get(2));
            try (NDArray zeros = manager.zeros(more, type)) {
                replaced(state, i, NDArrays.concat(new NDList(array, zeros), 1));
            }
        }
    }

    private NDArray replaced(NDList state, int i, NDArray other) {
        other.attach(manager);
        state.get(i).close();
        state.set(i, other);
        return other;
    }

    @Override
    public NDList once(Pass pass, Layer layer, Supplier<NDList> first) {
        return next(
                layer,
                () -> {
                    NDList made = first.get();
                    made.attach(manager);
                    return made;
                });
    }

    @Override
    public <T> T placed(Pass pass, Placed<T> recipe) {
        return recipe.make(pass);
    }

    private NDList next(Layer layer, Supplier<NDList> beginning) {
        Runs runs = kept.computeIfAbsent(layer, l -> new Runs());
        int run = runs.next++;
        if (run == runs.states.size()) {
            runs.states.add(beginning.get());
        }
        return runs.states.get(run);
    }

    /**
     * What a layer keeps.
     *
     * @param layer the layer
     * @param run which of its runs in a pass, from 0
     * @return the arrays that {@link #append} or {@link #once} has given it
     * @throws IllegalArgumentException if it keeps nothing
     */
    public NDList state(Layer layer, int run) {
        Runs runs = kept.get(layer);
        if (runs == null || run >= runs.states.size()) {
            throw new IllegalArgumentException(
                    "a layer must have run before to have kept something, found nothing of run "
                            + run
                            + " of "
                            + layer.describe());
        }
        return runs.states.get(run);
    }

    /**
     * Called when a pass is complete.
     *
     * @param positions how many it has computed
     */
    public void advance(int positions) {
        length += positions;
    }

    @Override
    public void close() {
        manager.close();
    }
}
