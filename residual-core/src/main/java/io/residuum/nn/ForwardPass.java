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
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One forward pass: the source of parameters, the mode (training or evaluation), side inputs
 * (masks, positions), a cache and a hook. It lives as long as the pass and belongs to one thread.
 *
 * <p>Begin with {@link #of} and add what differs: {@code ForwardPass.of(store, inputs,
 * false).withCache(cache)}.
 *
 * <p>In an evaluation each layer computes in a manager of its own. When the layer ends, its output
 * moves to the enclosing layer and all other arrays close, so that {@link Layer#compute} needs no
 * memory management. Layers keep their arrays until the end of the pass in training, below a hook,
 * and on engines where {@link Ops#closingWaits}.
 */
public final class ForwardPass {
    private static final NDIndex LAST = new NDIndex(":, -1:");

    private final ParameterStore store;
    private final NDList inputs;
    private final NDList sideInputs;
    private final Device device;
    private final Ops ops;
    private final Options options;
    private final NDManager passManager;
    private final boolean closesArrays;
    private final Map<Shared<?>, Object> shared = new HashMap<>();
    private NDManager manager;

    private record Options(
            boolean training,
            boolean dropsOut,
            @Nullable ForwardHook hook,
            @Nullable Cache cache,
            @Nullable Layer narrowed) {}

    private ForwardPass(ParameterStore store, NDManager manager, NDList inputs, Options options) {
        this.store = store;
        this.manager = manager;
        this.passManager = manager;
        this.inputs = inputs;
        this.sideInputs = inputs.subNDList(1);
        this.device = inputs.head().getDevice();
        this.ops = Ops.of(manager);
        this.options = options;
        this.closesArrays =
                !options.training
                        && options.hook == null
                        && !ops.closingWaits()
                        && !ops.recording();
    }

    /**
     * Begins a pass.
     *
     * @param store the source of parameters
     * @param inputs the network's input, then the side inputs
     * @param training true for batch statistics in norms, dropout and drop path
     * @return a new pass
     */
    public static ForwardPass of(ParameterStore store, NDList inputs, boolean training) {
        Options options = new Options(training, training, null, null, null);
        return new ForwardPass(store, inputs.head().getManager(), inputs, options);
    }

    private ForwardPass with(Options other) {
        return new ForwardPass(store, manager, inputs, other);
    }

    /**
     * Returns this pass with a hook. Arrays of the pass then live until its manager closes.
     *
     * @param hook called for each layer
     * @return a new pass
     */
    public ForwardPass withHook(ForwardHook hook) {
        Options o = options;
        return with(new Options(o.training, o.dropsOut, hook, o.cache, o.narrowed));
    }

    /**
     * Returns this pass with all rates of dropout and drop path at zero, so that outputs of
     * training can be compared.
     *
     * @return a new pass
     */
    public ForwardPass withoutDropout() {
        Options o = options;
        return with(new Options(o.training, false, o.hook, o.cache, o.narrowed));
    }

    /**
     * Returns this pass with a cache, so that it computes new positions only. Begins a pass of the
     * cache.
     *
     * @param cache what earlier passes computed; null to compute whole sequences
     * @return a new pass
     */
    public ForwardPass withCache(@Nullable Cache cache) {
        if (cache != null) {
            cache.begin(inputs.head().getShape().get(0));
        }
        Options o = options;
        return with(new Options(o.training, o.dropsOut, o.hook, cache, o.narrowed));
    }

    /**
     * Returns this pass with one layer that reads the last position only.
     *
     * @param layer a layer with an input {@code (N, T, C)}, usually the head of a language model;
     *     null for none
     * @return a new pass
     */
    public ForwardPass withLastPositionOnly(@Nullable Layer layer) {
        Options o = options;
        return with(new Options(o.training, o.dropsOut, o.hook, o.cache, layer));
    }

    /**
     * Returns this pass with other side inputs, for a part of a network. It shares nothing that
     * {@link #shared} made.
     *
     * @param others the side inputs
     * @return a new pass
     */
    public ForwardPass withSideInputs(NDList others) {
        NDList all = new NDList(inputs.head());
        all.addAll(others);
        return new ForwardPass(store, manager, all, options);
    }

    /**
     * Returns this pass over some of the samples. Side inputs of the whole batch are selected as
     * well.
     *
     * @param samples indices in the batch, {@code (K)}, int64
     * @param batch the size of the whole batch
     * @return a new pass
     */
    public ForwardPass withSamples(NDArray samples, long batch) {
        NDList selected = new NDList(sideInputs.size());
        for (NDArray sideInput : sideInputs) {
            if (sideInput.getShape().get(0) == batch) {
                NDArray some = sideInput.get(samples);
                some.setName(sideInput.getName());
                selected.add(some);
            } else {
                selected.add(sideInput);
            }
        }
        return withSideInputs(selected);
    }

    /** Computes a layer, which may see only the last position. */
    NDArray run(Layer layer, NDArray x) {
        ForwardHook hook = options.hook;
        if (hook != null) {
            hook.before(layer);
        }
        boolean narrows = layer == options.narrowed && x.getShape().get(1) > 1;
        NDArray input = narrows ? x.get(LAST) : x;
        NDArray y = closesArrays ? inOwnManager(layer, input) : layer.compute(this, input);
        if (hook != null) {
            hook.after(layer, y);
        }
        return y;
    }

    private NDArray inOwnManager(Layer layer, NDArray x) {
        NDManager enclosing = manager;
        try (NDManager own = enclosing.newSubManager()) {
            manager = own;
            // Results belong to the manager of their first operand.
            NDArray view = x.reshape(x.getShape());
            view.attach(own);
            NDArray y = layer.compute(this, view);
            if (y == view) {
                return x;
            }
            if (y.getManager() == own) {
                y.attach(enclosing);
            }
            return y;
        } finally {
            manager = enclosing;
        }
    }

    /** Computes layers in sequence. An array between two layers closes once it has been read. */
    NDArray sequence(List<Layer> layers, NDArray x) {
        NDArray y = x;
        for (Layer layer : layers) {
            NDArray next = run(layer, y);
            if (closesArrays && y != next && y.getManager() == manager) {
                y.close();
            }
            y = next;
        }
        return y;
    }

    /**
     * Returns what several layers need and one makes: a causal mask, a table of positions. Equal
     * recipes are made once a pass, without recording. A recipe that depends on the positions in a
     * cache must be a {@link Cache.PositionDependent}.
     *
     * @param recipe makes it
     * @param <T> the type of the result
     * @return the result of the first call in this pass
     */
    public <T> T shared(Shared<T> recipe) {
        Object made = shared.get(recipe);
        if (made == null) {
            NDManager layer = manager;
            manager = passManager;
            try (Ops.Pause pause = ops.pauseRecording()) {
                made =
                        options.cache != null
                                        && recipe instanceof Cache.PositionDependent<?> dependent
                                ? options.cache.positionDependent(this, dependent)
                                : recipe.make(this);
            } finally {
                manager = layer;
            }
            shared.put(recipe, made);
        }
        @SuppressWarnings("unchecked") // only make() of an equal recipe has put it there
        T result = (T) made;
        return result;
    }

    /**
     * A recipe that depends on its own components and the pass alone; a record.
     *
     * @param <T> the type of the result
     */
    public interface Shared<T> {

        /**
         * Makes the result.
         *
         * @param pass the pass; arrays belong to {@link ForwardPass#manager}
         * @return the result, which nobody changes or closes
         */
        T make(ForwardPass pass);
    }

    /**
     * Returns what earlier passes over the same sequences computed.
     *
     * @return the cache, or null if this pass computes every position itself
     */
    public @Nullable Cache cache() {
        return options.cache;
    }

    /**
     * Returns the index of the first position that this pass computes.
     *
     * @return the length of the cache, 0 without one
     */
    public int firstPosition() {
        return options.cache == null ? 0 : options.cache.length();
    }

    /**
     * Returns the owner of new arrays: they may close when the layer that computes ends. Arrays of
     * a {@link Shared} live as long as the pass.
     *
     * @return the manager of the layer that computes
     */
    public NDManager manager() {
        return manager;
    }

    /**
     * Returns true if layers must compute outputs that only a hook sees, such as those of auxiliary
     * heads.
     *
     * @return false without a hook
     */
    public boolean computesHookedOutputs() {
        return options.hook != null && options.hook.needsUnusedOutputs();
    }

    /**
     * Returns true in training.
     *
     * @return true if norms use the statistics of the batch
     */
    public boolean training() {
        return options.training;
    }

    /**
     * Returns true if dropout and drop path are active.
     *
     * @return true in training, except in a pass {@link #withoutDropout}
     */
    public boolean dropsOut() {
        return options.dropsOut;
    }

    /**
     * Applies dropout if this pass {@link #dropsOut}: zeroes random elements and divides the others
     * by the share kept.
     *
     * @param x any shape
     * @param rate the share of elements dropped, in [0, 1)
     * @return the shape of x; x itself if nothing is dropped
     */
    public NDArray dropout(NDArray x, double rate) {
        return options.dropsOut && rate > 0 ? ops.dropout(x, (float) rate) : x;
    }

    /**
     * Returns the operations that the engines do differently.
     *
     * @return the operations of this pass's engine
     */
    public Ops ops() {
        return ops;
    }

    /**
     * Returns the side inputs: masks, positions and other arrays beside the network's input.
     *
     * @return the inputs after the first
     */
    public NDList sideInputs() {
        return sideInputs;
    }

    /**
     * Returns a side input by name.
     *
     * @param name its {@link NDArray#getName}, for instance {@code mask}
     * @return the side input, or null if there is none
     */
    public @Nullable NDArray sideInput(String name) {
        for (NDArray sideInput : sideInputs) {
            if (name.equals(sideInput.getName())) {
                return sideInput;
            }
        }
        return null;
    }

    /**
     * Returns the array of a parameter on the device of this pass.
     *
     * @param parameter an initialized parameter
     * @return its array; the store keeps ownership
     */
    public NDArray value(Parameter parameter) {
        return store.getValue(parameter, device, options.training);
    }

    /**
     * Returns the array of an optional parameter.
     *
     * @param parameter an initialized parameter, or null
     * @return its array, or null
     */
    public @Nullable NDArray valueOrNull(@Nullable Parameter parameter) {
        return parameter == null ? null : value(parameter);
    }

    /**
     * Returns a parameter of one value per channel, shaped to broadcast over x.
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
}
