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
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of one forward pass: the source of parameters, the mode (training or evaluation), side
 * inputs (masks, positions), a KV cache and a hook. It belongs to one thread.
 *
 * <p>Begin with {@link #of} and add options: {@code ForwardPass.of(store, inputs,
 * false).withCache(cache)}.
 *
 * <p>In an evaluation each layer computes in a separate manager. When the layer ends, its output
 * moves to the enclosing layer and all other arrays close, so that {@link Layer#compute} needs no
 * memory management. Arrays live until the end of the pass in training, with a hook, and on engines
 * where {@link Ops#closingWaits}.
 */
public final class ForwardPass {
    private static final NDIndex LAST = new NDIndex(":, -1:");

    private final ParameterStore store;
    private final NDList inputs;
    private final NDList sideInputs;
    private final Device device;
    private final Ops ops;
    private final PassOptions options;
    private final NDManager passManager;
    final boolean closesArrays;
    private final Map<Shared<?>, Object> shared = new HashMap<>();
    private NDManager manager;

    private ForwardPass(
            ParameterStore store, NDManager manager, NDList inputs, PassOptions options) {
        this.store = store;
        this.manager = manager;
        this.passManager = manager;
        this.inputs = inputs;
        this.sideInputs = inputs.subNDList(1);
        this.device = inputs.head().getDevice();
        this.ops = Ops.of(manager);
        this.options = options;
        this.closesArrays =
                !options.training()
                        && options.hook() == null
                        && !ops.closingWaits()
                        && !ops.recording();
    }

    /**
     * {@return a new forward pass}
     *
     * @param store the source of parameters
     * @param inputs the network's input, then the side inputs
     * @param training true to use batch statistics in norms, dropout and drop path
     */
    public static ForwardPass of(ParameterStore store, NDList inputs, boolean training) {
        PassOptions options = PassOptions.of(training);
        return new ForwardPass(store, inputs.head().getManager(), inputs, options);
    }

    private ForwardPass with(PassOptions other) {
        return new ForwardPass(store, manager, inputs, other);
    }

    /**
     * {@return this pass with a hook; arrays of the pass then live until its manager closes}
     *
     * @param hook called for each layer
     */
    public ForwardPass withHook(ForwardHook hook) {
        return with(options.withHook(hook));
    }

    /**
     * {@return this pass with all rates of dropout and drop path at 0, so that outputs in training
     * mode can be compared}
     */
    public ForwardPass withoutDropout() {
        return with(options.withDropout(false));
    }

    /** {@return this pass with another way to run layers in {@link #sequence}} */
    public ForwardPass withRunner(SequenceRunner runner) {
        return with(options.withRunner(runner));
    }

    /**
     * {@return this pass for computing some of its layers a second time: norms do not update their
     * running statistics, and layers in sequence run one after another}
     */
    public ForwardPass forRecomputation() {
        return with(options.withUpdates(false).withRunner(SequenceRunner.IN_ORDER));
    }

    /**
     * Returns this pass with a cache, so that it computes new positions only. Calls {@link
     * Cache#begin}.
     *
     * @param cache the arrays of earlier passes; null to compute complete sequences
     */
    public ForwardPass withCache(@Nullable Cache cache) {
        if (cache != null) {
            cache.begin(inputs.head().getShape().get(0));
        }
        return with(options.withCache(cache));
    }

    /**
     * {@return this pass with one layer that reads the last position only}
     *
     * @param layer a layer with an input {@code (N, T, C)}, usually the head of a language model;
     *     null for none
     */
    public ForwardPass withLastPositionOnly(@Nullable Layer layer) {
        return with(options.withNarrowed(layer));
    }

    /**
     * {@return this pass with other side inputs, for a part of a network; it does not reuse results
     * of {@link #shared}}
     *
     * @param others the side inputs
     */
    public ForwardPass withSideInputs(NDList others) {
        NDList all = new NDList(inputs.head());
        all.addAll(others);
        return new ForwardPass(store, manager, all, options);
    }

    /**
     * {@return this pass with further side inputs, for a part of a network; it does not reuse
     * results of {@link #shared}}
     *
     * @param added the side inputs; each replaces one of the same name
     */
    public ForwardPass withMoreSideInputs(NDList added) {
        NDList all = new NDList(added);
        sideInputs.stream()
                .filter(s -> added.stream().noneMatch(a -> a.getName().equals(s.getName())))
                .forEach(all::add);
        return withSideInputs(all);
    }

    /**
     * {@return this pass over some of the samples; it selects the same samples of side inputs and
     * saved states}
     *
     * @param samples indices in the batch, {@code (K)}, int64
     * @param batch the size of the complete batch
     */
    public ForwardPass withSamples(NDArray samples, long batch) {
        NDList selected = new NDList(inputs.head());
        for (NDArray sideInput : sideInputs) {
            boolean ofBatch = sideInput.getShape().get(0) == batch;
            NDArray some = ofBatch ? sideInput.get(samples) : sideInput;
            some.setName(sideInput.getName());
            selected.add(some);
        }
        PassOptions ofSamples = options.withStates(options.states().select(samples, batch));
        return new ForwardPass(store, manager, selected, ofSamples);
    }

    /** Computes a layer, on the last position only if {@link #withLastPositionOnly} asks for it. */
    NDList run(Layer layer, NDList inputs) {
        boolean narrows = layer == options.narrowed() && inputs.head().getShape().get(1) > 1;
        NDList read = narrows ? new NDList(inputs.singletonOrThrow().get(LAST)) : inputs;
        ForwardHook hook = options.hook();
        if (hook == null) {
            return closesArrays ? inOwnManager(layer, read) : layer.computeAll(this, read);
        }
        // A copy, because the list of another layer must not change with it.
        NDList own = new NDList(read);
        hook.before(layer, own);
        NDList outputs = hook.replace(layer).computeAll(this, own);
        hook.after(layer, outputs);
        return outputs;
    }

    private NDList inOwnManager(Layer layer, NDList inputs) {
        NDManager enclosing = manager;
        try (NDManager own = enclosing.newSubManager()) {
            manager = own;
            Map<NDArray, NDArray> given = new IdentityHashMap<>();
            NDList views = new NDList(inputs.size());
            // DJL gives a result to the manager of its first operand.
            for (NDArray x : inputs) {
                NDArray view = x.reshape(x.getShape());
                view.attach(own);
                given.put(view, x);
                views.add(view);
            }
            NDList outputs = new NDList();
            for (NDArray y : layer.computeAll(this, views)) {
                outputs.add(given.getOrDefault(y, y));
                if (y.getManager() == own && !given.containsKey(y)) {
                    y.attach(enclosing);
                }
            }
            return outputs;
        } finally {
            manager = enclosing;
        }
    }

    /**
     * Computes layers in sequence. An array between two layers closes after the second has read it.
     *
     * @param layers the layers, each of which reads all outputs of the one before
     * @param inputs the inputs of the first
     * @return the outputs of the last
     */
    public NDList sequence(List<Layer> layers, NDList inputs) {
        return options.runner().run(this, layers, inputs);
    }

    /**
     * Closes an array that nothing reads any more, if it belongs to the running layer.
     *
     * @param array an output of a child of the running layer
     */
    public void release(NDArray array) {
        if (closesArrays && array.getManager() == manager) {
            array.close();
        }
    }

    /**
     * Returns an object that several layers need, such as a causal mask or a position table. Each
     * pass makes it once for all equal recipes, without recording gradients. A recipe that depends
     * on the positions in a cache must be a {@link Cache.PositionDependent}.
     *
     * @param recipe makes the object
     * @param <T> the type of the object
     * @return the object that the first call in this pass made
     */
    public <T> T shared(Shared<T> recipe) {
        Object made = shared.get(recipe);
        if (made == null) {
            NDManager layer = manager;
            manager = passManager;
            try (Ops.Pause pause = ops.pauseRecording()) {
                made =
                        options.cache() != null
                                        && recipe instanceof Cache.PositionDependent<?> dependent
                                ? options.cache().positionDependent(this, dependent)
                                : recipe.make(this);
            } finally {
                manager = layer;
            }
            shared.put(recipe, made);
        }
        @SuppressWarnings("unchecked") // made by an equal recipe
        T result = (T) made;
        return result;
    }

    /**
     * A recipe for an object that depends only on the recipe's components and the pass. Implement
     * it as a record, since equal recipes share one result.
     *
     * @param <T> the type of the object
     */
    public interface Shared<T> {

        /**
         * {@return the object; do not change or close it}
         *
         * @param pass the pass; arrays belong to {@link ForwardPass#manager}
         */
        T make(ForwardPass pass);
    }

    /** {@return the cache of earlier positions, or null if this pass computes every position} */
    public @Nullable Cache cache() {
        return options.cache();
    }

    /** {@return the index of the first position that this pass computes; 0 without a cache} */
    public int firstPosition() {
        return options.cache() == null ? 0 : options.cache().length();
    }

    /**
     * {@return the manager for new arrays, which closes when the current layer ends; inside {@link
     * Shared#make}, the manager of the complete pass}
     */
    public NDManager manager() {
        return manager;
    }

    /** {@return the states that layers save for later layers} */
    public SavedStates states() {
        return options.states();
    }

    /** {@return the hook that sees what layers compute, or null} */
    public @Nullable ForwardHook hook() {
        return options.hook();
    }

    /** {@return true in training, where norms use the statistics of the batch} */
    public boolean training() {
        return options.training();
    }

    /**
     * {@return true if dropout and drop path are active: in training, except {@link
     * #withoutDropout}}
     */
    public boolean dropsOut() {
        return options.dropsOut();
    }

    /** {@return true if norms update their running statistics: in training, once} */
    public boolean updatesStatistics() {
        return options.updatesStatistics();
    }

    /**
     * Applies dropout if {@link #dropsOut}: zeroes random elements and divides the others by {@code
     * 1 - rate}.
     *
     * @param x any shape
     * @param rate the probability of dropping an element, in [0, 1)
     * @return an array of the same shape; x itself if nothing is dropped
     */
    public NDArray dropout(NDArray x, double rate) {
        return options.dropsOut() && rate > 0 ? ops.dropout(x, (float) rate) : x;
    }

    /** {@return the operations that differ between engines, for this pass's engine} */
    public Ops ops() {
        return ops;
    }

    /** {@return the side inputs, which are the inputs after the first: masks, positions} */
    public NDList sideInputs() {
        return sideInputs;
    }

    /**
     * {@return a side input by name, or null if the pass has none}
     *
     * @param name its {@link NDArray#getName}, for instance {@code mask}
     */
    public @Nullable NDArray sideInput(String name) {
        return sideInputs.stream().filter(x -> name.equals(x.getName())).findFirst().orElse(null);
    }

    /**
     * {@return the array of a parameter on the device of this pass; the store owns it}
     *
     * @param parameter an initialized parameter
     */
    public NDArray value(Parameter parameter) {
        return store.getValue(parameter, device, options.training());
    }

    /** {@return the array of an optional parameter, or null for null} */
    public @Nullable NDArray valueOrNull(@Nullable Parameter parameter) {
        return parameter == null ? null : value(parameter);
    }

    /**
     * {@return a parameter with one value per channel, shaped to broadcast over x: {@code (1, C, 1,
     * 1)} for images, {@code (1, C, 1, 1, 1)} for volumes, else {@code (C)}}
     *
     * @param parameter {@code (C)}
     * @param x {@code (N, C, H, W)}, or an array with channels last
     */
    public NDArray channelwise(Parameter parameter, NDArray x) {
        NDArray value = value(parameter);
        if (!Shapes.isSpatial(x.getShape())) {
            return value;
        }
        NDArray shaped = value.reshape(Shapes.onAxis1(value.size(), x.getShape().dimension()));
        // Else it would belong to the model's manager, which never closes it.
        shaped.attach(x.getManager());
        return shaped;
    }
}
