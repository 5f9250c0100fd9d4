package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.compile.UsageLock;
import io.residuum.engine.Backend;
import io.residuum.engine.Ops;
import io.residuum.nn.Layer;
import io.residuum.nn.OneOutput;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The description of a {@link Network} and its parameters by path. */
abstract class NetworkParameters {
    private static final NDIndex EVERYWHERE = new NDIndex("...");

    final UsageLock lock = new UsageLock("the network");
    volatile BuiltNetwork built;
    volatile ModelMetadata metadata;

    NetworkParameters(BuiltNetwork built, ModelMetadata metadata) {
        this.built = built;
        this.metadata = metadata;
    }

    abstract Backend backend();

    /** {@return the spec} */
    public ModelSpec spec() {
        return built.spec();
    }

    /** {@return class names, tokenizer and other facts that came with the model's file} */
    public ModelMetadata metadata() {
        return metadata;
    }

    /** Replaces the metadata, which {@link Network#save} writes. */
    public void setMetadata(ModelMetadata metadata) {
        this.metadata = metadata;
    }

    /**
     * Writes the network as one safetensors file with spec and metadata inside: float32, and the
     * integers of a quantized network.
     *
     * @param file the file; an existing one is replaced atomically
     * @throws io.residuum.weights.WeightsException if it cannot be written; an existing file then
     *     stays as it was
     */
    public void save(Path file) {
        lock.use(
                () -> {
                    ModelFiles.write(file, new ModelDescription(spec(), metadata), built);
                    return file;
                });
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
     * Stops training parameters. A batch norm whose {@code weight} is frozen also normalizes by its
     * running statistics in training, and does not update them.
     *
     * @param pattern as in {@link #parameters(String)}
     * @return the number of parameters that match
     * @throws SpecException if nothing matches
     */
    public int freeze(String pattern) {
        return freeze(pattern, true);
    }

    private int freeze(String pattern, boolean frozen) {
        Map<String, Parameter> matching = built.parameters(pattern);
        lock.change(() -> matching.values().forEach(p -> p.freeze(frozen)));
        return matching.size();
    }

    /**
     * Resumes training parameters.
     *
     * @param pattern as in {@link #freeze}
     * @return the number of parameters that match
     * @throws SpecException if nothing matches
     */
    public int unfreeze(String pattern) {
        return freeze(pattern, false);
    }

    /** Sets the gradients of all parameters to zero, because PyTorch adds new ones to them. */
    public void clearGradients() {
        try (NDManager scratch = backend().newManager();
                Ops.Pause pause = backend().ops().pauseRecording()) {
            for (Parameter p : parameters().values()) {
                if (p.getArray().hasGradient()) {
                    NDArray gradient = p.getArray().getGradient();
                    gradient.attach(scratch);
                    gradient.set(EVERYWHERE, 0);
                }
            }
        }
    }

    /**
     * Trains only some parameters: freezes all that match none of the patterns, and no others.
     *
     * @param patterns as in {@link #parameters(String)}
     * @throws SpecException if one of them matches nothing
     */
    public void trainOnly(List<String> patterns) {
        Set<String> trained = new HashSet<>();
        patterns.forEach(pattern -> trained.addAll(built.parameters(pattern).keySet()));
        lock.change(() -> parameters().forEach((path, p) -> p.freeze(!trained.contains(path))));
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

    /** {@return true if the network has one output and no further head} */
    public boolean hasOneHead() {
        return built.block().outputNames().size() == 1
                && OneOutput.unreadHeads(built.block()).isEmpty();
    }

    /**
     * Requires that nothing drops an output or a head.
     *
     * @param use what reads one output, for instance {@code training}
     * @throws SpecException if the network has several outputs or heads
     */
    public void requireOneHead(String use) {
        built.requireOneHead(use);
    }

    /**
     * Requires that data with one target can find its output: the only one, or the one named {@code
     * output}.
     *
     * @param use what has one target, for instance {@code classification of images}
     * @throws SpecException if the network has several outputs of other names
     */
    public void requireOutputOfOneTarget(String use) {
        if (!built.block().outputNames().contains(Layer.OUTPUT)) {
            requireOneHead(use);
        }
    }

    /**
     * Requires that the network has no head that is not an output, whose loss would be dropped.
     *
     * @param use what reads the outputs, for instance {@code training}
     * @throws SpecException if it has one
     */
    public void requireNoUnreadHead(String use) {
        built.requireNoUnreadHead(use);
    }

    /** {@return the cost of one sample: parameters, multiply-accumulates and memory} */
    public Cost cost() {
        return Cost.of(built.block());
    }

    /** {@return the shape of the first output, with batch -1} */
    public Shape outputShape() {
        return built.block().outputShape();
    }

    /** {@return the shapes of all outputs by name, in order, with batch -1} */
    public Map<String, Shape> outputShapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        List<Shape> all = built.block().outputShapes();
        for (String name : built.block().outputNames()) {
            shapes.put(name, all.get(shapes.size()));
        }
        return shapes;
    }
}
