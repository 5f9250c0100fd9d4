package io.residuum.model;

import static com.google.common.base.Preconditions.checkState;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import io.residuum.compile.CompileListener;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.Compiler;
import io.residuum.compile.GraphRunner;
import io.residuum.compile.Recomputation;
import io.residuum.emit.Quantization;
import io.residuum.engine.Backend;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.Layer;
import io.residuum.nn.OneOutput;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.weights.QuantizedStateDict;
import io.residuum.weights.Safetensors;
import io.residuum.weights.StateDict;
import io.residuum.weights.WeightsException;
import io.residuum.weights.dialect.ImportOptions;
import io.residuum.weights.dialect.ImportPlan;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A network ready to run on one backend: a spec, the block built from it, and its parameters by
 * name.
 *
 * <p>Several threads may predict at once, compiled or not. {@link #compile}, {@link #loadWeights},
 * {@link #loadValues}, {@link #resetHead}, {@link #adaptTo}, {@link #freeze}, {@link #unfreeze} and
 * {@link #close} may be called at any time from any thread: they wait for running predictions, and
 * later predictions wait for them. After {@link #close} a prediction throws an {@link
 * IllegalStateException}. Training belongs to one thread. Others may see half an update.
 */
public final class Network extends NetworkParameters implements AutoCloseable {
    private final Backend backend;
    private final NDManager manager;
    private final CompiledNetwork compiled = new CompiledNetwork();
    private volatile @Nullable ForwardHook hook;
    private volatile Execution execution;

    /** Initializes a block with the values it was given, or random ones. */
    Network(BuiltNetwork built, ModelMetadata metadata, Backend backend, long seed, DataType type) {
        super(built, metadata);
        this.backend = backend;
        this.manager = backend.newManager();
        try {
            built.initialize(manager, type, seed);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
        this.execution = new Execution(built, backend, manager, hook);
    }

    /**
     * Opens a model with its weights, class names and tokenizer. A preset or a spec file has no
     * weights and gets random ones. {@link ModelSource} also accepts weights of other libraries.
     *
     * @param model a preset, a spec file, a saved model, the folder of a training run, the {@code
     *     config.json} of another library, or {@code hf:org/model}, as in {@link ModelSource#of}
     * @param backend the backend, which must outlive the network
     * @return a new network, to be closed by the caller
     * @throws SpecException if there is no such model or its spec is invalid
     * @throws WeightsException if its weights cannot be read
     */
    public static Network open(String model, Backend backend) {
        return ModelSource.of(model).open(backend);
    }

    /**
     * Builds a network with random weights.
     *
     * @param spec the network
     * @param backend the backend, which must outlive the network
     * @param seed the seed; it gives the same weights on every engine and machine
     * @return a new network, to be closed by the caller
     */
    public static Network create(ModelSpec spec, Backend backend, long seed) {
        return create(spec, backend, seed, DataType.FLOAT32);
    }

    /**
     * Builds a network with random weights in another precision.
     *
     * @param spec the network
     * @param backend the backend, which must outlive the network
     * @param seed as in {@link #create(ModelSpec, Backend, long)}
     * @param type float32, or float64 for checking gradients
     * @return a new network, to be closed by the caller
     */
    public static Network create(ModelSpec spec, Backend backend, long seed, DataType type) {
        return new Network(BuiltNetwork.of(spec), ModelMetadata.EMPTY, backend, seed, type);
    }

    /**
     * Loads a network that {@link #save(Path)} wrote.
     *
     * @param file a safetensors file with the spec inside
     * @param backend the backend, which must outlive the network
     * @return a new network, to be closed by the caller
     * @throws WeightsException if the file is broken, has no spec, or has weights of another
     *     network
     */
    public static Network load(Path file, Backend backend) {
        return ModelFiles.load(file, backend);
    }

    /**
     * Loads weights by name. A quantized network is then in float.
     *
     * @param file a safetensors file with exactly this network's parameters and buffers
     * @throws WeightsException if one is missing, unexpected or of another shape; nothing changes
     */
    public void loadWeights(Path file) {
        try (StateDict weights = QuantizedStateDict.of(Safetensors.open(file))) {
            loadValues(ModelFiles.values(weights, built.parameters()));
            setMetadata(metadata().with(Quantization.NONE));
        }
    }

    /**
     * Loads weights from a file of this or another library. A quantized network is then in float.
     *
     * @param file as in {@link StateDict#open(Path)}
     * @param options the names' dialects, and which tensors may be missing or left out
     * @return the loaded tensors and those left out, with the file closed
     * @throws WeightsException as {@link #loadWeights(Path)}, with the nearest names
     */
    public ImportPlan loadWeights(Path file, ImportOptions options) {
        try (StateDict tensors = options.open(file)) {
            ImportPlan plan = metadata.preferred(options.dialects()).plan(built.block(), tensors);
            plan.require(options);
            loadValues(plan.values());
            setMetadata(metadata().with(Quantization.NONE));
            return plan;
        }
    }

    /**
     * Replaces the values of some parameters and buffers.
     *
     * @param values by path, row by row
     * @throws WeightsException if there is no such parameter, or it has another number of values
     */
    public void loadValues(Map<String, Supplier<float[]>> values) {
        lock.change(
                () -> {
                    built.replace(manager, values);
                    arraysReplaced();
                });
    }

    private void arraysReplaced() {
        execution = new Execution(built, backend, manager, hook);
        compiled.arraysReplaced();
    }

    /** {@return the backend that the network runs on} */
    @Override
    public Backend backend() {
        return backend;
    }

    /**
     * {@return the network as an initialized DJL block, for use with DJL's own tools} The block
     * does not normalize images and does not encode texts. Use a {@link ClassifierTranslator} with
     * it: DJL's translators do not know the mean and the standard deviation of the spec. {@link
     * #close} does not wait for code that runs the block itself.
     */
    public Layer block() {
        return built.block();
    }

    /**
     * Computes the output, recorded for gradients if a collector is open.
     *
     * @param inputs the input, {@code (N, ...)} as in the spec, then side inputs, each with its
     *     name ({@link NDArray#setName}), for instance {@code mask}; {@link Layer#sideInputs} of
     *     the block lists them. The output and all intermediates belong to the input's manager.
     * @param training true for batch statistics in norms, dropout and drop-path
     * @return the output, for classifiers the logits {@code (N, classes)}
     * @throws IllegalArgumentException if the input does not fit the spec, or a side input is
     *     missing, has no name, or is read by no layer
     * @throws SpecException if the network has several outputs or heads; {@link #predictAll}
     *     returns them
     */
    public NDArray forward(NDList inputs, boolean training) {
        return lock.use(() -> execution.forward(inputs, training));
    }

    /**
     * {@return all outputs in the order of {@link #outputShapes}; some may be inputs}
     *
     * @param inputs as in {@link #forward}
     * @param training as in {@link #forward}
     */
    public NDList forwardAll(NDList inputs, boolean training) {
        return lock.use(() -> execution.forwardAll(inputs, training));
    }

    /**
     * {@return the output for evaluation, without recording; it belongs to the input's manager}
     *
     * @param inputs as in {@link #forward}
     */
    public NDArray predict(NDList inputs) {
        return predicting(() -> execution.predict(inputs, compiled.current()));
    }

    /**
     * {@return all outputs for evaluation by name, in the order of the spec: {@code output} for a
     * network that has one, and its further heads by path; they belong to the input's manager}
     *
     * @param inputs as in {@link #forward}
     */
    public Map<String, NDArray> predictAll(NDList inputs) {
        return predicting(() -> execution.predictAll(inputs, compiled.current()));
    }

    /** Runs a prediction after programs with outdated values are dropped. */
    private <T> T predicting(Supplier<T> prediction) {
        // A prediction inside another one cannot wait for it. It runs without programs.
        if (compiled.isStale() && !lock.isUsedHere()) {
            lock.change(compiled::refresh);
        }
        return lock.use(prediction);
    }

    /**
     * Compiles {@link #predict} to programs of the engine, one when inputs of a new shape arrive,
     * for any batch size. If compilation fails, the network runs as before.
     *
     * @param listener receives why something is not compiled
     */
    public void compile(CompileOptions options, CompileListener listener) {
        List<String> unread = OneOutput.unreadHeads(built.block());
        if (!unread.isEmpty()) {
            listener.notCompiled("not compiled: a program has one output and would drop " + unread);
            return;
        }
        Supplier<Compiler> compiler =
                () -> execution.compiler(options, false, listener, metadata.quantization());
        lock.change(() -> compiled.enable(compiler));
    }

    /**
     * {@return a compiler for the network before weights are loaded or {@link #adaptTo}; close it}
     * It rounds activations if the network is quantized.
     *
     * @param training true for programs with gradients
     * @param listener receives why something is not compiled
     */
    public Compiler compiler(CompileOptions options, boolean training, CompileListener listener) {
        if (training) {
            requireNoUnreadHead("training");
        }
        return lock.use(
                () -> execution.compiler(options, training, listener, metadata.quantization()));
    }

    /** {@return a runner of this network's graphs in float, to be closed by the caller} */
    public GraphRunner graphRunner() {
        return lock.use(() -> execution.graphRunner());
    }

    /** {@return training layer by layer that keeps few activations, of the network as it is} */
    public Recomputation recomputation() {
        return new Recomputation(
                built.block(), backend, some -> lock.use(() -> execution.trainingPass(some)));
    }

    /** Invalidates compiled programs after you changed parameter arrays yourself. */
    public void parametersChanged() {
        compiled.valuesChanged();
    }

    /**
     * Computes a language model's logits for the next token of sequences, without recording. After
     * {@link #compile}, one program serves all steps of one token, for any cache and batch size.
     *
     * @param inputs the tokens that are not yet in the cache, {@code (N, T)} ids, then side inputs;
     *     a mask is {@code (N, K)} over all positions, cached ones first
     * @param cache the cache of earlier calls for the same sequences, which grows by T; null if the
     *     inputs are complete sequences
     * @return {@code (N, 1, vocabulary)}, which belongs to the input's manager
     * @throws IllegalArgumentException if the network does not have one output per position
     */
    public NDArray predictNext(NDList inputs, @Nullable ArrayCache cache) {
        return predicting(() -> execution.predictNext(inputs, cache, compiled.current()));
    }

    /**
     * Computes intermediate outputs for evaluation.
     *
     * @param inputs as in {@link #forward}
     * @param names paths of layers, for instance {@code stage3} or {@code stage2.0.branch}; an
     *     empty name is the network's output. A layer with several outputs needs the name of one
     *     after a colon, for instance {@code blocks.3:pair}
     * @return the outputs by name, in the order of the names; they belong to the input's manager
     * @throws SpecException if there is no such layer or output
     */
    public Map<String, NDArray> features(NDList inputs, Collection<String> names) {
        return lock.use(() -> execution.features(inputs, names));
    }

    /**
     * Computes all outputs without dropout and calls a hook for each layer. A collector records.
     *
     * @param inputs as in {@link #forward}
     * @param batchStatistics true for norms as in training, which updates running statistics
     * @param hook the hook, which may replace the outputs of layers
     * @return the outputs, in the order of the spec; they belong to the input's manager
     */
    public NDList observe(NDList inputs, boolean batchStatistics, ForwardHook hook) {
        return lock.use(() -> execution.observe(inputs, batchStatistics, hook));
    }

    /**
     * Calls a hook for each layer of every pass, whoever starts it. Until it is removed, the
     * network runs operation by operation.
     *
     * @param hook the hook, which may replace the outputs of layers
     * @return removes the hook when closed
     */
    public ForwardHook.Handle registerForwardHook(ForwardHook hook) {
        checkState(this.hook == null, "the network must have one hook at a time: close the other");
        lock.change(() -> setHook(hook));
        return () -> lock.change(() -> setHook(null));
    }

    private void setHook(@Nullable ForwardHook next) {
        hook = next;
        execution = new Execution(built, backend, manager, next);
    }

    /**
     * Replaces the head by a random one for other classes, and drops the class names.
     *
     * @param classes the new number of classes
     * @param seed the seed of the head's weights
     * @throws SpecException if the network has no head
     */
    public void resetHead(int classes, long seed) {
        BuiltNetwork next = BuiltNetwork.of(built.spec().withClasses(classes));
        String head = next.headPrefix();
        lock.change(() -> replaceNow(next, path -> !path.startsWith(head), seed));
    }

    /**
     * Turns this network into another that shares parts with it, for instance a pretrained encoder
     * into a classifier. Parameters with the same path and shape stay. All others are random.
     *
     * @param changed the spec of the other network
     * @param seed the seed of the random weights
     * @throws SpecException if no parameter stays
     */
    public void adaptTo(ModelSpec changed, long seed) {
        BuiltNetwork next = BuiltNetwork.of(changed);
        next.requireShared(built);
        lock.change(() -> replaceNow(next, path -> true, seed));
    }

    private void replaceNow(BuiltNetwork next, Predicate<String> stays, long seed) {
        DataType type = built.type();
        List<Parameter> dropped = next.take(built, stays);
        next.initialize(manager, type, seed);
        built = next;
        metadata =
                metadata.withClassNames(List.of())
                        .without(ClassActivation.METADATA)
                        .with(Quantization.NONE);
        arraysReplaced();
        dropped.forEach(Parameter::close);
    }

    /** Frees programs and parameters after running predictions have ended. */
    @Override
    public void close() {
        lock.close(
                () -> {
                    compiled.close();
                    built.block().clear();
                    manager.close();
                });
    }
}
