package io.residuum.nn;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What the layers of one network keep of the positions that earlier passes over the same sequences
 * have computed, so that a pass computes only the new ones: keys and values of attention, what a
 * decoder reads of its source. Begins empty; not shared between threads.
 */
public final class Past implements AutoCloseable {
    private final NDManager manager;
    private final Map<Layer, Runs> kept = new IdentityHashMap<>();
    private int length;

    /** A layer with tied weights runs several times a pass, and each run has a past of its own. */
    private static final class Runs {
        private final List<Object> states = new ArrayList<>();
        private int next;
    }

    /**
     * Begins a past without positions.
     *
     * @param owner of the network's engine and device; closing it closes this past as well
     */
    public Past(NDManager owner) {
        manager = owner.newSubManager();
    }

    /**
     * How many positions have been computed.
     *
     * @return the number, also the index of the first new one
     */
    public int length() {
        return length;
    }

    /**
     * The owner of what is kept.
     *
     * @return a manager that is closed with this past
     */
    public NDManager manager() {
        return manager;
    }

    /** Called as a pass begins. */
    void begin() {
        kept.values().forEach(runs -> runs.next = 0);
    }

    /**
     * What a layer keeps, in the run of the layer that it is in.
     *
     * @param layer the layer
     * @param beginning makes it in the first pass
     * @param <T> its type, the same in every pass
     * @return what was made in the first pass
     */
    public <T> T of(Layer layer, Supplier<T> beginning) {
        Runs runs = kept.computeIfAbsent(layer, l -> new Runs());
        int run = runs.next++;
        if (run == runs.states.size()) {
            runs.states.add(beginning.get());
        }
        @SuppressWarnings("unchecked") // only a supplier of the same layer has put it there
        T state = (T) runs.states.get(run);
        return state;
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
