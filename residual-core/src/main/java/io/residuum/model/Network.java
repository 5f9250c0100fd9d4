package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import com.google.common.collect.Iterables;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.Compiler;
import io.residuum.engine.Backend;
import io.residuum.engine.Ops;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.Chain;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.SeededInitializer;
import io.residuum.nn.trait.PositionWise;
import io.residuum.nn.trait.Reseedable;
import io.residuum.spec.Check;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.weights.Safetensors;
import io.residuum.weights.StateDict;
import io.residuum.weights.WeightsException;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.ImportPlan;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A network as its user holds it: a spec, the block built from it, and its parameters by name, on
 * one backend.
 *
 * <p>Predictions may run in several threads at once; training, loading and every other change
 * belong to one thread.
 */
public final class Network implements AutoCloseable {
    private final Backend backend;
    private final NDManager manager;
    private ModelSpec spec;
    private Layer block;
    private Map<String, Parameter> parameters;
    private ParameterStore store;
    private @Nullable Compiler compiler;
    private @Nullable Supplier<Compiler> compiling;
    private boolean stale;

    private Network(ModelSpec spec, Backend backend) {
        this.backend = backend;
        this.manager = backend.newManager();
        this.spec = spec;
        this.block = spec.newBlock();
        this.parameters = block.namedParameters();
        this.store = new ParameterStore(manager, false);
    }

    /**
     * Builds a network with fresh weights.
     *
     * @param spec what it computes
     * @param backend where it runs; it must outlive the network
     * @param seed the same seed gives the same weights on every engine and machine
     * @return a new network, to be closed by the caller
     */
    public static Network create(ModelSpec spec, Backend backend, long seed) {
        return create(spec, backend, seed, DataType.FLOAT32);
    }

    /**
     * Builds a network with fresh weights in another precision.
     *
     * @param spec what it computes
     * @param backend where it runs; it must outlive the network
     * @param seed as in {@link #create(ModelSpec, Backend, long)}
     * @param type float32, or float64 for checking gradients
     * @return a new network, to be closed by the caller
     */
    public static Network create(ModelSpec spec, Backend backend, long seed, DataType type) {
        Network network = new Network(spec, backend);
        network.initialize(type, seed);
        return network;
    }

    /**
     * Loads a network that {@link #save(Path)} wrote.
     *
     * @param file one safetensors file with the spec inside
     * @param backend where it runs; it must outlive the network
     * @return a new network, to be closed by the caller
     * @throws WeightsException if the file is broken, holds no spec, or holds other weights than
     *     its spec needs
     */
    public static Network load(Path file, Backend backend) {
        try (Safetensors weights = Safetensors.open(file)) {
            ModelSpec spec = ModelFiles.spec(file, weights);
            Network network = new Network(spec, backend);
            try {
                ModelFiles.requireSame(file, weights, network.parameters);
                network.parameters.forEach(
                        (path, p) -> p.setInitializer(ModelFiles.values(weights, path)));
                network.initialize(DataType.FLOAT32, 0);
            } catch (RuntimeException e) {
                network.close();
                throw e;
            }
            return network;
        }
    }

    /**
     * Takes weights from a file, by name.
     *
     * @param file a safetensors file that holds exactly this network's parameters and buffers,
     *     under their paths
     * @throws WeightsException if one is missing, unexpected or of another shape; nothing is
     *     changed then
     */
    public void loadWeights(Path file) {
        try (Safetensors weights = Safetensors.open(file)) {
            ModelFiles.requireSame(file, weights, parameters);
            parameters.forEach((path, p) -> replace(p, ModelFiles.values(weights, path)));
        }
        replaced();
    }

    /**
     * Takes weights from a file that another library wrote, or this one.
     *
     * @param file safetensors or an index of its shards, PyTorch or llama2.c, with exactly this
     *     network's parameters and buffers
     * @param dialects whose names the tensors may have; where there are several, the names decide
     * @return the dialect that they have
     * @throws WeightsException if a tensor is missing, unexpected or of another shape, with the
     *     nearest names; nothing is changed then
     */
    public Dialect loadWeights(Path file, Dialects dialects) {
        try (StateDict tensors = StateDict.open(file)) {
            ImportPlan plan = dialects.plan(block, tensors);
            plan.require(path -> false, name -> false);
            loadValues(plan.values());
            return plan.dialect();
        }
    }

    /**
     * Takes values of some parameters and buffers; the others stay.
     *
     * @param values by path, row by row
     * @throws WeightsException if there is no such parameter, or it has another number of values
     */
    public void loadValues(Map<String, Supplier<float[]>> values) {
        values.forEach(
                (path, supplier) -> {
                    Parameter parameter = parameters.get(path);
                    if (parameter == null) {
                        throw new WeightsException(
                                "the network must have the parameter " + path + ", found none");
                    }
                    replace(parameter, ModelFiles.values(path, supplier));
                });
        replaced();
    }

    /** Threads that predict then only read: a store is not safe where it fills itself. */
    private ParameterStore filledStore() {
        ParameterStore filled = new ParameterStore(manager, false);
        parameters.values().forEach(p -> filled.getValue(p, backend.device(), false));
        return filled;
    }

    private void replace(Parameter p, Initializer values) {
        DataType type = p.getArray().getDataType();
        p.close();
        p.setInitializer(values);
        p.initialize(manager, type);
    }

    /**
     * Writes the network as one safetensors file, float32, with the spec inside.
     *
     * @param file the file; replaced in one step if it exists
     * @throws WeightsException if it cannot be written; an existing file then stays as it was
     */
    public void save(Path file) {
        save(file, Map.of());
    }

    /**
     * Writes the network with further metadata.
     *
     * @param file the file; replaced in one step if it exists
     * @param metadata for instance class names
     * @throws WeightsException if it cannot be written; an existing file then stays as it was
     */
    public void save(Path file, Map<String, String> metadata) {
        ModelFiles.write(file, spec, parameters, metadata);
    }

    private void initialize(DataType type, long seed) {
        parameters.forEach(
                (path, p) -> {
                    if (p.getInitializer() instanceof SeededInitializer init) {
                        p.setInitializer(init.withSeed(mix(seed, path)));
                    }
                });
        block.initialize(manager, type, block.inputShape());
        replaced();
        reseed(seed);
    }

    /**
     * What the network computes.
     *
     * @return the spec
     */
    public ModelSpec spec() {
        return spec;
    }

    /**
     * Where the network runs.
     *
     * @return the backend
     */
    public Backend backend() {
        return backend;
    }

    /**
     * The network as a DJL block, for use with DJL's own tools.
     *
     * @return an initialized block
     */
    public Layer block() {
        return block;
    }

    /**
     * Everything that is trained, by path, frozen or not.
     *
     * @return a new map in the order of computation
     */
    public Map<String, Parameter> parameters() {
        return filtered(false);
    }

    /**
     * Some of what is trained, by path, frozen or not.
     *
     * @param pattern a path; {@code *} stands for any characters: {@code stem.*}, {@code stage1.*},
     *     {@code *.bias}
     * @return a new map in the order of computation, not empty
     * @throws SpecException if nothing matches
     */
    public Map<String, Parameter> parameters(String pattern) {
        Pattern regex = Pattern.compile(Pattern.quote(pattern).replace("*", "\\E.*\\Q"));
        Map<String, Parameter> matching = parameters();
        matching.keySet().removeIf(path -> !regex.matcher(path).matches());
        Check.that(
                !matching.isEmpty(),
                "the pattern must match a parameter, got \"%s\": paths are like %s",
                pattern,
                parameters.keySet().stream().limit(3).toList());
        return matching;
    }

    /**
     * Everything that is saved but not trained, by path.
     *
     * @return a new map in the order of computation
     */
    public Map<String, Parameter> buffers() {
        return filtered(true);
    }

    private Map<String, Parameter> filtered(boolean buffers) {
        Map<String, Parameter> some = new LinkedHashMap<>();
        parameters.forEach(
                (path, p) -> {
                    if (Cost.isBuffer(p) == buffers) {
                        some.put(path, p);
                    }
                });
        return some;
    }

    /**
     * Parameters and buffers together, by path.
     *
     * @return an unmodifiable map in the order of computation
     */
    public Map<String, Parameter> state() {
        return Collections.unmodifiableMap(parameters);
    }

    /**
     * Computes the output, recording for gradients below an open collector.
     *
     * @param inputs the input, {@code (N, ...)} as the spec says, then side inputs (masks); the
     *     output and all intermediates belong to the input's manager
     * @param training whether norms use the statistics of the batch, and dropout and drop-path draw
     * @return the output, for classifiers the logits {@code (N, classes)}
     */
    public NDArray forward(NDList inputs, boolean training) {
        return block.forward(ForwardPass.of(store, inputs, training), inputs.head());
    }

    /**
     * Computes the output of an evaluation, without recording.
     *
     * @param inputs as in {@link #forward}
     * @return the output, which belongs to the input's manager
     */
    public NDArray predict(NDList inputs) {
        Compiler whole = compiled();
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            return whole == null
                    ? forward(inputs, false)
                    : whole.run(inputs, some -> forward(some, false));
        }
    }

    /**
     * Has {@link #predict} run the network as whole programs of its engine, each made when inputs
     * of a new shape come, for any batch. What cannot be compiled runs as before.
     *
     * @param options how
     * @param notes is told in one line why something is not compiled
     */
    public void compile(CompileOptions options, Consumer<String> notes) {
        Compiler next = compiler(options, false, notes);
        synchronized (this) {
            if (compiler != null) {
                compiler.close();
            }
            compiler = next;
            compiling = () -> compiler(options, false, notes);
        }
    }

    /**
     * A compiler of this network as it is now: after {@link #resetHead}, {@link #adaptTo} or
     * loading weights, another is needed.
     *
     * @param options how
     * @param training whether its programs train
     * @param notes is told in one line why something is not compiled
     * @return a compiler, to be closed by the caller
     */
    public Compiler compiler(CompileOptions options, boolean training, Consumer<String> notes) {
        Function<NDList, NDArray> withoutDropout =
                some ->
                        training
                                ? block.forward(
                                        ForwardPass.of(store, some, true).withoutDropout(),
                                        some.head())
                                : forward(some, false);
        return new Compiler(block, parameters, backend, options, training, withoutDropout, notes);
    }

    /**
     * Says that parameters have been changed in place: programs that were made for other values are
     * made anew. Training and this class's methods say it themselves.
     */
    public synchronized void changed() {
        stale = true;
    }

    private synchronized @Nullable Compiler compiled() {
        if (stale && compiler != null) {
            compiler.forget();
        }
        stale = false;
        return compiler;
    }

    /** Programs share arrays, which are others now. */
    private synchronized void replaced() {
        store = filledStore();
        if (compiler != null && compiling != null) {
            compiler.close();
            compiler = compiling.get();
        }
    }

    /**
     * Computes what follows the last position of sequences, without recording: the output of a
     * language model at their ends. After {@link #compile}, a program computes single positions
     * that follow a cache. It serves any length of the cache and any batch.
     *
     * @param inputs new positions, {@code (N, T)} ids, then side inputs; a mask is {@code (N, K)}
     *     over all positions, those in the cache first
     * @param cache what earlier calls for the same sequences computed, which grows by T; null if
     *     the inputs are whole sequences
     * @return {@code (N, 1, vocabulary)}, which belongs to the input's manager
     * @throws IllegalArgumentException if the output is not one for each position
     */
    public NDArray predictNext(NDList inputs, @Nullable ArrayCache cache) {
        Shape output = outputShape();
        if (output.dimension() != 3) {
            throw new IllegalArgumentException(
                    "what follows a sequence needs a network whose output is (N, T, vocabulary),"
                            + " got "
                            + output);
        }
        Compiler whole = compiled();
        Supplier<NDArray> itself =
                () ->
                        block.forward(
                                ForwardPass.of(store, inputs, false)
                                        .withCache(cache)
                                        .withLastPositionOnly(head()),
                                inputs.head());
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            int added = Math.toIntExact(inputs.head().getShape().get(1));
            NDArray y;
            if (whole != null && cache != null && cache.length() > 0 && added == 1) {
                y =
                        whole.next(
                                inputs,
                                cache,
                                ForwardPass.of(store, inputs, false).withCache(cache),
                                itself);
            } else {
                y = itself.get();
            }
            if (cache != null) {
                cache.advance(added);
            }
            return y.getShape().get(1) == 1 ? y : y.get(new NDIndex(":, -1:"));
        }
    }

    /** The head, where it is a layer by itself: it need not compute what nobody asks for. */
    private @Nullable Layer head() {
        Layer last = block;
        while (last instanceof Chain) {
            last = Iterables.getLast(last.children().values(), null);
        }
        return last instanceof PositionWise ? last : null;
    }

    /**
     * Computes the output of an evaluation together with intermediate outputs.
     *
     * @param inputs as in {@link #forward}
     * @param names paths of layers, for instance {@code stage3} or {@code stage2.0.branch}; an
     *     empty name is the network's own output
     * @return the outputs by name, in the order asked for; they belong to the input's manager
     * @throws SpecException if there is no such layer
     */
    public Map<String, NDArray> features(NDList inputs, Collection<String> names) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        block.walk(layers::put);
        Map<Layer, String> wanted = new IdentityHashMap<>();
        Map<String, NDArray> found = new LinkedHashMap<>();
        for (String name : names) {
            Layer layer = layers.get(name);
            Check.that(
                    layer != null,
                    "features must name layers of the network, got \"%s\": its parts are %s",
                    name,
                    block.children().keySet());
            wanted.put(layer, name);
            found.put(name, inputs.head());
        }
        ForwardPass pass =
                ForwardPass.of(store, inputs, false)
                        .withHook(
                                (layer, output) -> {
                                    String name = wanted.get(layer);
                                    if (name != null) {
                                        found.put(name, output);
                                    }
                                });
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            block.forward(pass, inputs.head());
        }
        return found;
    }

    /**
     * Gives the network a head for another number of classes. All other weights stay; the head's
     * begin anew.
     *
     * @param classes the new number
     * @param seed for the head's weights
     * @throws SpecException if the network has no head
     */
    public void resetHead(int classes, long seed) {
        ModelSpec changed = spec.withClasses(classes);
        Layer next = changed.newBlock();
        String head = headPrefix(next.namedParameters());
        become(changed, next, path -> !path.startsWith(head), seed);
    }

    /**
     * Becomes another network that shares parts with this one: a pretrained encoder that gets other
     * heads. Parameters of the same path and shape stay; all others begin anew.
     *
     * @param changed what it becomes
     * @param seed for the weights that begin anew
     * @throws SpecException if nothing stays
     */
    public void adaptTo(ModelSpec changed, long seed) {
        Layer next = changed.newBlock();
        Map<String, Parameter> wanted = next.namedParameters();
        Check.that(
                parameters.entrySet().stream()
                        .anyMatch(e -> isLike(e.getValue(), wanted.get(e.getKey()))),
                "%s must share parameters with %s, but none has the same path and shape",
                changed.name(),
                spec.name());
        become(changed, next, path -> true, seed);
    }

    private static boolean isLike(Parameter p, @Nullable Parameter other) {
        return other != null && other.getShape().equals(p.getShape());
    }

    private void become(ModelSpec changed, Layer next, Predicate<String> stays, long seed) {
        Map<String, Parameter> nextParameters = next.namedParameters();
        Map<String, Parameter> old = new LinkedHashMap<>(parameters);
        DataType type = old.values().iterator().next().getArray().getDataType();
        nextParameters.forEach(
                (path, p) -> {
                    Parameter before = old.get(path);
                    if (before != null && isLike(p, before) && stays.test(path)) {
                        p.setInitializer((m, shape, t) -> before.getArray());
                        p.freeze(!before.requiresGradient());
                        old.remove(path);
                    }
                });
        spec = changed;
        block = next;
        parameters = nextParameters;
        initialize(type, seed);
        old.values().forEach(Parameter::close);
    }

    /** The head is the last layer with parameters. */
    private static String headPrefix(Map<String, Parameter> parameters) {
        String last = "";
        for (String path : parameters.keySet()) {
            last = path;
        }
        return last.substring(0, last.lastIndexOf('.') + 1);
    }

    /**
     * Stops parameters from being trained. A batch norm whose {@code weight} is frozen normalizes
     * by its running statistics in training too, and leaves them alone: freezing a norm freezes its
     * statistics.
     *
     * @param pattern as in {@link #parameters(String)}
     * @return how many parameters are frozen now that match
     * @throws SpecException if nothing matches
     */
    public int freeze(String pattern) {
        return setFrozen(pattern, true);
    }

    /**
     * Lets parameters be trained again.
     *
     * @param pattern as in {@link #freeze}
     * @return how many parameters match
     * @throws SpecException if nothing matches
     */
    public int unfreeze(String pattern) {
        return setFrozen(pattern, false);
    }

    private int setFrozen(String pattern, boolean frozen) {
        Map<String, Parameter> matching = parameters(pattern);
        matching.values().forEach(p -> p.freeze(frozen));
        return matching.size();
    }

    /**
     * Restarts the draws of drop-path. With the engine's own seed (see {@link Backend#seed}) this
     * makes training repeatable from here.
     *
     * @param seed any number
     */
    public void reseed(long seed) {
        block.walk(
                (path, layer) -> {
                    if (layer instanceof Reseedable draws) {
                        draws.reseed(mix(seed, path));
                    }
                });
    }

    /**
     * What the network costs.
     *
     * @return for one sample
     */
    public Cost cost() {
        return Cost.of(block);
    }

    /**
     * The shape of the output.
     *
     * @return with batch -1
     */
    public Shape outputShape() {
        return block.outputShape();
    }

    private static long mix(long seed, String path) {
        long hash = seed;
        for (int i = 0; i < path.length(); i++) {
            hash = 31 * hash + path.charAt(i);
        }
        return new SplittableRandom(hash).nextLong();
    }

    /** Frees the parameters. */
    @Override
    public synchronized void close() {
        if (compiler != null) {
            compiler.close();
        }
        block.clear();
        manager.close();
    }
}
