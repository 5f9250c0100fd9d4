package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.Compiler;
import io.residuum.engine.Backend;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.Layer;
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
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A network ready to run on one backend: a spec, the block built from it, and its parameters by
 * name.
 *
 * <p>Several threads may predict at once. Training, loading and every other change must happen in
 * one thread.
 */
public final class Network implements AutoCloseable {
    private final Backend backend;
    private final NDManager manager;
    private final CompiledNetwork compiled = new CompiledNetwork();
    private BuiltNetwork built;
    private ModelMetadata metadata;
    private Execution execution;

    /** Initializes a block with the values it was given, or random ones. */
    Network(BuiltNetwork built, ModelMetadata metadata, Backend backend, long seed, DataType type) {
        this.backend = backend;
        this.built = built;
        this.metadata = metadata;
        this.manager = backend.newManager();
        try {
            built.initialize(manager, type, seed);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
        this.execution = new Execution(built, backend, manager);
    }

    /**
     * Opens a model with its weights, class names and tokenizer. A preset or a spec file has no
     * weights and gets random ones. {@link ModelSource} also accepts weights of other libraries.
     *
     * @param model a preset, a spec file, a saved model, the folder of a training run, or the
     *     {@code config.json} of another library
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
     * Loads weights by name.
     *
     * @param file a safetensors file with exactly this network's parameters and buffers
     * @throws WeightsException if one is missing, unexpected or of another shape; the network then
     *     stays as it was
     */
    public void loadWeights(Path file) {
        try (Safetensors weights = Safetensors.open(file)) {
            loadValues(ModelFiles.values(weights, built.parameters()));
        }
    }

    /**
     * Loads weights from a file of this or another library.
     *
     * @param file safetensors, an index of its shards, PyTorch or llama2.c, with exactly this
     *     network's parameters and buffers
     * @param dialects the dialects that the tensor names may have; the names decide among them
     * @return the dialect of the names
     * @throws WeightsException as {@link #loadWeights(Path)}, with the nearest names
     */
    public Dialect loadWeights(Path file, Dialects dialects) {
        try (StateDict tensors = StateDict.open(file)) {
            ImportPlan plan = dialects.plan(built.block(), tensors);
            plan.require(path -> false, name -> false);
            loadValues(plan.values());
            return plan.dialect();
        }
    }

    /**
     * Replaces the values of some parameters and buffers.
     *
     * @param values by path, row by row
     * @throws WeightsException if there is no such parameter, or it has another number of values
     */
    public void loadValues(Map<String, Supplier<float[]>> values) {
        built.replace(manager, values);
        arraysReplaced();
    }

    /**
     * Writes the network as one safetensors file, float32, with spec and metadata inside.
     *
     * @param file the file; an existing one is replaced atomically
     * @throws WeightsException if it cannot be written; an existing file then stays as it was
     */
    public void save(Path file) {
        ModelFiles.write(file, new ModelDescription(spec(), metadata), built);
    }

    private void arraysReplaced() {
        execution = new Execution(built, backend, manager);
        compiled.arraysReplaced();
    }

    /** {@return the spec} */
    public ModelSpec spec() {
        return built.spec();
    }

    /** {@return class names, tokenizer and other facts that came with the model's file} */
    public ModelMetadata metadata() {
        return metadata;
    }

    /**
     * Replaces the metadata, which {@link #save} writes.
     *
     * @param metadata the metadata
     */
    public void setMetadata(ModelMetadata metadata) {
        this.metadata = metadata;
    }

    /** {@return the backend that the network runs on} */
    public Backend backend() {
        return backend;
    }

    /** {@return the network as an initialized DJL block, for use with DJL's own tools} */
    public Layer block() {
        return built.block();
    }

    /** {@return a new map of the trainable parameters by path, frozen or not} */
    public Map<String, Parameter> parameters() {
        return built.parameters(p -> !Cost.isBuffer(p));
    }

    /**
     * {@return the trainable parameters that match a pattern, by path in the order of computation,
     * frozen or not; never empty}
     *
     * @param pattern a path; {@code *} stands for any characters: {@code stem.*}, {@code stage1.*},
     *     {@code *.bias}
     * @throws SpecException if nothing matches
     */
    public Map<String, Parameter> parameters(String pattern) {
        return built.parameters(pattern);
    }

    /**
     * {@return a new map of the buffers by path: saved but not trained, such as running statistics}
     */
    public Map<String, Parameter> buffers() {
        return built.parameters(Cost::isBuffer);
    }

    /** {@return parameters and buffers by path, unmodifiable, in the order of computation} */
    public Map<String, Parameter> state() {
        return Collections.unmodifiableMap(built.parameters());
    }

    /**
     * Computes the output. It is recorded for gradients if a collector is open.
     *
     * @param inputs the input, {@code (N, ...)} as in the spec, then side inputs (masks); the
     *     output and all intermediates belong to the input's manager
     * @param training true for batch statistics in norms, dropout and drop-path
     * @return the output, for classifiers the logits {@code (N, classes)}
     * @throws IllegalArgumentException if the input does not fit the spec
     */
    public NDArray forward(NDList inputs, boolean training) {
        return execution.forward(inputs, training);
    }

    /**
     * {@return the output for evaluation, without recording; it belongs to the input's manager}
     *
     * @param inputs as in {@link #forward}
     */
    public NDArray predict(NDList inputs) {
        return execution.predict(inputs, compiled.current());
    }

    /**
     * Compiles {@link #predict} to programs of the engine, one when inputs of a new shape arrive,
     * for any batch size. If compilation fails, the network runs as before.
     *
     * @param options the options
     * @param notes receives one line about why something is not compiled
     */
    public void compile(CompileOptions options, Consumer<String> notes) {
        compiled.enable(() -> compiler(options, false, notes));
    }

    /**
     * Creates a compiler for the network in its current form. Create a new one after {@link
     * #resetHead}, {@link #adaptTo} or loading weights.
     *
     * @param options the options
     * @param training true for programs with gradients
     * @param notes receives one line about why something is not compiled
     * @return a compiler, to be closed by the caller
     */
    public Compiler compiler(CompileOptions options, boolean training, Consumer<String> notes) {
        return execution.compiler(options, training, notes);
    }

    /**
     * Invalidates compiled programs after you changed parameter arrays yourself. Training and the
     * methods of this class call it for you.
     */
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
        return execution.predictNext(inputs, cache, compiled.current());
    }

    /**
     * Computes intermediate outputs for evaluation.
     *
     * @param inputs as in {@link #forward}
     * @param names paths of layers, for instance {@code stage3} or {@code stage2.0.branch}; an
     *     empty name is the network's output
     * @return the outputs by name, in the order of the names; they belong to the input's manager
     * @throws SpecException if there is no such layer
     */
    public Map<String, NDArray> features(NDList inputs, Collection<String> names) {
        return execution.features(inputs, names);
    }

    /**
     * Replaces the head by a random one for other classes, and drops the class names. All other
     * weights stay.
     *
     * @param classes the new number of classes
     * @param seed the seed of the head's weights
     * @throws SpecException if the network has no head
     */
    public void resetHead(int classes, long seed) {
        BuiltNetwork next = BuiltNetwork.of(built.spec().withClasses(classes));
        String head = next.headPrefix();
        replaceBy(next, path -> !path.startsWith(head), seed);
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
        replaceBy(next, path -> true, seed);
    }

    private void replaceBy(BuiltNetwork next, Predicate<String> stays, long seed) {
        DataType type = built.type();
        List<Parameter> dropped = next.take(built, stays);
        next.initialize(manager, type, seed);
        built = next;
        metadata = metadata.withClassNames(List.of());
        arraysReplaced();
        dropped.forEach(Parameter::close);
    }

    /**
     * Stops training parameters. A batch norm whose {@code weight} is frozen also normalizes by its
     * running statistics in training, and does not update them.
     *
     * @param pattern as in {@link #parameters(String)}
     * @return the number of parameters that match
     * @throws SpecException if nothing matches
     */
    public int freeze(String pattern) {
        return built.freeze(pattern, true);
    }

    /**
     * Resumes training parameters.
     *
     * @param pattern as in {@link #freeze}
     * @return the number of parameters that match
     * @throws SpecException if nothing matches
     */
    public int unfreeze(String pattern) {
        return built.freeze(pattern, false);
    }

    /**
     * Restarts the random numbers of drop-path. Together with {@link Backend#seed} it makes
     * training repeatable.
     *
     * @param seed any number
     */
    public void reseed(long seed) {
        built.reseed(seed);
    }

    /** {@return the cost of one sample: parameters, multiply-accumulates and memory} */
    public Cost cost() {
        return Cost.of(built.block());
    }

    /** {@return the shape of the output, with batch -1} */
    public Shape outputShape() {
        return built.block().outputShape();
    }

    /** Frees programs and parameters. */
    @Override
    public void close() {
        compiled.close();
        built.block().clear();
        manager.close();
    }
}
