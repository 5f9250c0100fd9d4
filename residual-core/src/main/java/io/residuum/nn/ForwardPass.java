package io.residuum.nn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.residuum.engine.Ops;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One forward pass: where parameters come from, whether it trains, what rides along beside the
 * activations (masks, positions), and who watches. Lives as long as the pass; not shared between
 * threads.
 */
public final class ForwardPass {
    private static final NDIndex LAST = new NDIndex(":, -1:");

    private final ParameterStore store;
    private final NDManager manager;
    private final Device device;
    private final boolean training;
    private final NDList riders;
    private final Ops ops;
    private final @Nullable BiConsumer<Layer, NDArray> observer;
    private final boolean releases;
    private final @Nullable Cache past;
    private final @Nullable Layer narrowed;
    private final boolean draws;
    private final Map<Shared<?>, Object> shared = new HashMap<>();

    private ForwardPass(
            ParameterStore store,
            NDManager manager,
            Device device,
            boolean training,
            NDList riders,
            Ops ops,
            @Nullable BiConsumer<Layer, NDArray> observer,
            @Nullable Cache past,
            @Nullable Layer narrowed,
            boolean draws) {
        this.store = store;
        this.manager = manager;
        this.device = device;
        this.training = training;
        this.riders = riders;
        this.ops = ops;
        this.observer = observer;
        this.past = past;
        this.narrowed = narrowed;
        this.draws = draws;
        this.releases = !training && observer == null && !ops.closingWaits() && !ops.recording();
    }

    /**
     * Begins a pass.
     *
     * @param store where parameters come from
     * @param inputs the network's input, then whatever rides along unchanged
     * @param training whether norms use the statistics of the batch, and dropout and drop-path draw
     * @return a new pass
     */
    public static ForwardPass of(ParameterStore store, NDList inputs, boolean training) {
        return observed(store, inputs, training, null);
    }

    /**
     * Begins a pass that is watched; what a watched pass computes is kept until its manager closes.
     *
     * @param store where parameters come from
     * @param inputs the network's input, then whatever rides along unchanged
     * @param training as in {@link #of}
     * @param observer is given each layer with its output, in the order of computation
     * @return a new pass
     */
    public static ForwardPass observed(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable BiConsumer<Layer, NDArray> observer) {
        return begin(store, inputs, training, observer, null, null, training);
    }

    /**
     * Begins a pass that trains but drops nothing, so that what it computes can be compared.
     *
     * @param store where parameters come from
     * @param inputs the network's input, then whatever rides along unchanged
     * @return a new pass, in training, with all rates of dropout and drop-path as if they were zero
     */
    public static ForwardPass undrawn(ParameterStore store, NDList inputs) {
        return begin(store, inputs, true, null, null, null, false);
    }

    /**
     * Begins an evaluation that is watched and goes on where earlier ones ended.
     *
     * @param store where parameters come from
     * @param inputs new positions, then what rides along
     * @param past what earlier passes have left, null for none
     * @param watcher is told of layers
     * @return a new pass
     */
    public static ForwardPass observedAfter(
            ParameterStore store, NDList inputs, @Nullable Cache past, Watcher watcher) {
        if (past != null) {
            past.begin(inputs.head().getShape().get(0));
        }
        return begin(store, inputs, false, watcher, past, null, false);
    }

    /** Watches layers begin as well as end, and asks for nothing beyond the output. */
    public interface Watcher extends BiConsumer<Layer, NDArray> {

        /**
         * Called before a layer computes.
         *
         * @param layer the layer
         */
        void entered(Layer layer);
    }

    /**
     * Begins an evaluation that goes on where earlier ones ended, or of which only the end is
     * wanted.
     *
     * @param store where parameters come from
     * @param inputs new positions, {@code (N, T)} or {@code (N, T, ...)}, then what rides along
     * @param past what earlier passes have left, null for none
     * @param narrowed a layer that is to see the last position only, null for none
     * @return a new pass
     */
    public static ForwardPass after(
            ParameterStore store, NDList inputs, @Nullable Cache past, @Nullable Layer narrowed) {
        if (past != null) {
            past.begin(inputs.head().getShape().get(0));
        }
        return begin(store, inputs, false, null, past, narrowed, false);
    }

    private static ForwardPass begin(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable BiConsumer<Layer, NDArray> observer,
            @Nullable Cache past,
            @Nullable Layer narrowed,
            boolean draws) {
        NDArray head = inputs.head();
        return new ForwardPass(
                store,
                head.getManager(),
                head.getDevice(),
                training,
                inputs.subNDList(1),
                Ops.of(head.getManager()),
                observer,
                past,
                narrowed,
                draws);
    }

    /**
     * The same pass over some of the samples only.
     *
     * @param samples their indices in the batch, {@code (K)}, int64
     * @param batch the size of the whole batch
     * @return a pass whose riders hold only these samples
     */
    public ForwardPass over(NDArray samples, long batch) {
        NDList selected = new NDList(riders.size());
        for (NDArray rider : riders) {
            if (rider.getShape().get(0) == batch) {
                NDArray some = rider.get(samples);
                some.setName(rider.getName());
                selected.add(some);
            } else {
                selected.add(rider);
            }
        }
        return with(selected);
    }

    /**
     * The same pass with other riders, for a part of a network that sees something else.
     *
     * @param other what rides along instead
     * @return a pass that shares nothing made by {@link #shared}
     */
    public ForwardPass with(NDList other) {
        return new ForwardPass(
                store, manager, device, training, other, ops, observer, past, narrowed, draws);
    }

    /**
     * The same pass for a part that reads another sequence, whole: with other riders and without a
     * past.
     *
     * @param other what rides along instead
     * @return a pass that shares nothing made by {@link #shared}
     */
    public ForwardPass apart(NDList other) {
        return new ForwardPass(
                store, manager, device, training, other, ops, observer, null, null, draws);
    }

    /**
     * What layers need alike but need not each make: a causal mask, a table of positions. Equal
     * recipes are made once a pass, without recording. One that depends on where the pass is,
     * behind a past, must be a {@link Cache.Placed}.
     *
     * @param recipe how to make it
     * @param <T> what it makes
     * @return what it made the first time in this pass
     */
    public <T> T shared(Shared<T> recipe) {
        Object made = shared.get(recipe);
        if (made == null) {
            try (Ops.Pause pause = ops.pauseRecording()) {
                made =
                        past != null && recipe instanceof Cache.Placed<?> placed
                                ? past.placed(this, placed)
                                : recipe.make(this);
            }
            shared.put(recipe, made);
        }
        @SuppressWarnings("unchecked") // only make() of an equal recipe has put it there
        T result = (T) made;
        return result;
    }

    /**
     * A way to make something that depends on its own components and the pass alone; a record.
     *
     * @param <T> what it makes
     */
    public interface Shared<T> {

        /**
         * Makes it.
         *
         * @param pass the pass; arrays belong to {@link ForwardPass#manager}
         * @return the result, which nobody changes or closes
         */
        T make(ForwardPass pass);
    }

    /**
     * What earlier passes over the same sequences have left.
     *
     * @return their past, or null if this pass computes every position itself
     */
    public @Nullable Cache past() {
        return past;
    }

    /**
     * The place of the first position that this pass computes.
     *
     * @return 0 without a past
     */
    public int firstPosition() {
        return past == null ? 0 : past.length();
    }

    /** What a layer sees of its input: all, or the last position. */
    NDArray seen(Layer layer, NDArray x) {
        if (observer instanceof Watcher watcher) {
            watcher.entered(layer);
        }
        if (layer != narrowed || x.getShape().get(1) == 1) {
            return x;
        }
        NDArray last = x.get(LAST);
        release(x);
        return last;
    }

    /**
     * The owner of what this pass computes.
     *
     * @return the input's manager
     */
    public NDManager manager() {
        return manager;
    }

    /**
     * Whether someone watches the outputs of layers.
     *
     * @return true if layers should compute what only a watcher sees
     */
    public boolean observed() {
        return observer != null && !(observer instanceof Watcher);
    }

    /**
     * Whether this pass trains.
     *
     * @return true in training
     */
    public boolean training() {
        return training;
    }

    /**
     * Whether what is drawn at random in training is drawn in this pass.
     *
     * @return true in training, but for a pass that is {@link #undrawn}
     */
    public boolean draws() {
        return draws;
    }

    /**
     * Dropout where this pass {@link #draws}: zeroes elements drawn by the engine and divides the
     * rest by the share kept.
     *
     * @param x any shape
     * @param rate the share of elements dropped, in [0, 1)
     * @return the shape of x; x itself where nothing is dropped
     */
    public NDArray dropout(NDArray x, double rate) {
        return draws && rate > 0 ? ops.dropout(x, (float) rate) : x;
    }

    /**
     * What the engines do differently.
     *
     * @return the operations of this pass's engine
     */
    public Ops ops() {
        return ops;
    }

    /**
     * What rides along beside the activations.
     *
     * @return the inputs after the first
     */
    public NDList riders() {
        return riders;
    }

    /**
     * Something that rides along under a name.
     *
     * @param name what its {@link NDArray#getName} must be, for instance {@code mask}
     * @return the rider, or null if there is none
     */
    public @Nullable NDArray rider(String name) {
        for (NDArray rider : riders) {
            if (name.equals(rider.getName())) {
                return rider;
            }
        }
        return null;
    }

    /**
     * The array of a parameter on the device of this pass.
     *
     * @param parameter an initialized parameter
     * @return its array; the store keeps ownership
     */
    public NDArray value(Parameter parameter) {
        return store.getValue(parameter, device, training);
    }

    /**
     * The array of an optional parameter.
     *
     * @param parameter an initialized parameter, or null
     * @return its array, or null
     */
    public @Nullable NDArray valueOrNull(@Nullable Parameter parameter) {
        return parameter == null ? null : value(parameter);
    }

    /**
     * A parameter of one value a channel, shaped to broadcast over x.
     *
     * @param parameter {@code (C)}
     * @param x {@code (N, C, H, W)}, or channels last
     * @return {@code (1, C, 1, 1)}, or {@code (C)}
     */
    public NDArray channelwise(Parameter parameter, NDArray x) {
        NDArray value = value(parameter);
        if (x.getShape().dimension() != 4) {
            return value;
        }
        NDArray shaped = value.reshape(1, value.size(), 1, 1);
        // A result belongs to the manager of its first operand: here the model's, where it would
        // stay for ever.
        shaped.attach(x.getManager());
        return shaped;
    }

    /**
     * Closes an intermediate that nobody will read again, unless closing waits (see {@link
     * Ops#closingWaits}) or this pass trains or is watched.
     *
     * @param used the array
     * @param keep arrays that must stay: nothing is closed if {@code used} is one of them
     */
    public void release(NDArray used, NDArray... keep) {
        if (!releases) {
            return;
        }
        for (NDArray k : keep) {
            if (k == used) {
                return;
            }
        }
        used.close();
    }

    void computed(Layer layer, NDArray output) {
        if (observer != null) {
            observer.accept(layer, output);
        }
    }
}
