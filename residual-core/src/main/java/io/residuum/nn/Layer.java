package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBaseBlock;
import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.residuum.nn.trait.CountsMacs;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A DJL block whose shapes are known when it is constructed, before any engine is loaded.
 * Parameters, output shapes and costs follow from the input shape by arithmetic. The batch is free
 * at run time. The image size and the sequence length are free too where the operation allows.
 *
 * <p>A subclass registers its children and parameters in its constructor and implements {@link
 * #compute}, and {@link #outputShape(Shape)} if the shape changes. Masks and other side inputs come
 * with the {@link ForwardPass}, where every layer below can read them. A layer with several inputs
 * or outputs is a {@link MultiLayer}.
 */
public abstract class Layer extends AbstractBaseBlock {
    /** The name of the output of a layer that has one. */
    public static final String OUTPUT = "output";

    private static final List<String> ONE_OUTPUT = List.of(OUTPUT);

    private final List<Shape> inputs;
    private final Map<String, Layer> children = new LinkedHashMap<>();
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private @Nullable List<Shape> outputs;
    private boolean counted;
    private boolean ready;

    /**
     * Creates a layer.
     *
     * @param input the shape of the first input, with batch -1
     */
    protected Layer(Shape input) {
        this(List.of(input));
    }

    /** Creates a layer with several inputs. */
    Layer(List<Shape> inputs) {
        this.inputs = List.copyOf(inputs);
        List<String> names = new ArrayList<>(List.of("data"));
        for (int i = 2; i <= inputs.size(); i++) {
            names.add("data" + i);
        }
        inputNames = names;
        inputShapes = inputs.toArray(Shape[]::new);
    }

    /**
     * Computes the output. In an evaluation, arrays that this method creates close when it returns.
     * The output and arrays owned by {@link ForwardPass#shared} or a {@link Cache} stay open.
     *
     * @param x the input
     * @return the output; it may be {@code x} itself
     */
    protected abstract NDArray compute(ForwardPass pass, NDArray x);

    /**
     * {@return the shape of the output for an input shape, by arithmetic; by default that of the
     * input, as in norms and activations} The output for ids counts as floats, unless a layer
     * overrides this.
     *
     * @param in a shape that this layer accepts; -1 for a free batch
     */
    public Shape outputShape(Shape in) {
        return Shapes.isIds(in) ? new Shape(in.getShape()) : in;
    }

    /** Returns all inputs; a complete network reads some of them by name. */
    NDList given(ForwardPass pass, NDList in) {
        return in;
    }

    /** Computes all outputs; a layer with one input and one output has no more to do. */
    NDList computeAll(ForwardPass pass, NDList in) {
        return new NDList(compute(pass, in.singletonOrThrow()));
    }

    /**
     * {@return the shapes of all outputs for the shapes of all inputs, by arithmetic}
     *
     * @param in shapes that this layer accepts
     */
    public List<Shape> outputShapes(List<Shape> in) {
        return List.of(outputShape(in.get(0)));
    }

    /** {@return the names of the outputs; {@value #OUTPUT} for a layer with one} */
    public List<String> outputNames() {
        return ONE_OUTPUT;
    }

    /**
     * {@return this layer in one line, without its children: {@code Conv2d(64, 7x7, stride 2,
     * padding 3)}; by default the name of its class, without {@code Block}}
     */
    public String describe() {
        return getClass().getSimpleName().replaceFirst("(?<=.)Block$", "");
    }

    /**
     * {@return the number of elements that this layer allocates in a forward pass, without its
     * children; by default the size of the output, or 0 for a layer with children}
     *
     * @param in the shape of the input; a free batch counts as one sample
     */
    public long activations(Shape in) {
        return children.isEmpty() ? Shapes.size(outputShape(in)) : 0;
    }

    /**
     * Checks that the activations and multiply-accumulates of this layer and its children can be
     * counted. Layers that passed are not checked again, so that nested layers cost one check each.
     *
     * @throws IllegalArgumentException if one of them is 2^63 or more
     */
    public final void requireExactCounts() {
        if (!counted) {
            activations(inputShape());
            if (this instanceof CountsMacs counts) {
                counts.macs(inputShape());
            }
            children.values().forEach(Layer::requireExactCounts);
            counted = true;
        }
    }

    /**
     * {@return the side inputs that this layer and its children read; by default those of the
     * children} A layer that calls {@link ForwardPass#sideInput} overrides this. A network refuses
     * side inputs that no layer declares.
     */
    public SideInputs sideInputs() {
        SideInputs all = SideInputs.NONE;
        for (Layer child : children.values()) {
            all = all.and(child.sideInputs().all());
        }
        return all;
    }

    /**
     * Computes the output as part of a running forward pass. Layers call it on their children.
     *
     * @param x the input
     * @return the output; it may be {@code x} itself
     * @throws IllegalArgumentException if this layer has several outputs
     */
    public final NDArray forward(ForwardPass pass, NDArray x) {
        if (outputNames().size() > 1) {
            throw new IllegalArgumentException(
                    "the layer around %s must read one output, got %s: put both into a graph"
                            .formatted(describe(), outputNames()));
        }
        return forward(pass, new NDList(x)).head();
    }

    /**
     * Computes all outputs as part of a running forward pass.
     *
     * @param in the inputs, in order
     * @return the outputs, in the order of {@link #outputNames}; some may be inputs
     */
    public final NDList forward(ForwardPass pass, NDList in) {
        return pass.run(this, given(pass, in));
    }

    @Override
    protected final NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        OneOutput.requireNoUnreadHead(this, "DJL's forward");
        NDList named = sideInputs().require(inputs, outputDataTypes[0], true);
        return forward(ForwardPass.of(store, named, training), new NDList(named.head()));
    }

    /**
     * Registers a child.
     *
     * @param name the child's name, which becomes a part of its parameters' paths
     */
    protected final <L extends Layer> L child(String name, L child) {
        if (children.putIfAbsent(name, child) != null) {
            throw new IllegalArgumentException(
                    "the name \"" + name + "\" is taken in " + describe());
        }
        return child;
    }

    /**
     * Registers a child, except an {@link IdentityBlock}: it has no parameters and nothing to
     * print.
     *
     * @param name the child's name
     */
    protected final Layer optionalChild(String name, Layer child) {
        return child instanceof IdentityBlock ? child : child(name, child);
    }

    /**
     * Registers a trainable parameter.
     *
     * @param name the last part of its path
     * @param type its DJL type
     * @param init its initial values
     * @param dims its shape
     */
    protected final Parameter parameter(String name, Parameter.Type type, Init init, long... dims) {
        return register(name, type, init, true, dims);
    }

    /**
     * Registers an array that is saved with the parameters but not trained.
     *
     * @param name the last part of its path
     * @param type its DJL type
     * @param init its initial values
     * @param dims its shape
     */
    protected final Parameter buffer(String name, Parameter.Type type, Init init, long... dims) {
        return register(name, type, init, false, dims);
    }

    private Parameter register(
            String name, Parameter.Type type, Init init, boolean trained, long... dims) {
        Shapes.requireFitsArray(getClass(), name, dims);
        Parameter p =
                Parameter.builder()
                        .setName(name)
                        .setType(type)
                        .optShape(new Shape(dims))
                        .optInitializer(new SeededInitializer(init))
                        .optRequiresGrad(trained)
                        .build();
        parameters.put(name, p);
        return p;
    }

    /** {@return the shape of the first input, with batch -1} */
    public final Shape inputShape() {
        return inputs.get(0);
    }

    /** {@return the shapes of all inputs, with batch -1} */
    public final List<Shape> inputShapes() {
        return inputs;
    }

    /** {@return the shape of the first output for {@link #inputShapes}, with batch -1} */
    public final Shape outputShape() {
        return outputShapes().get(0);
    }

    /** {@return the shapes of all outputs for {@link #inputShapes}, with batch -1} */
    public final List<Shape> outputShapes() {
        List<Shape> known = outputs;
        if (known == null) {
            known = List.copyOf(outputShapes(inputs));
            // Kept, because each layer around this one asks again.
            outputs = known;
        }
        return known;
    }

    /** {@return an unmodifiable view of the children by name, in the order of registration} */
    public final Map<String, Layer> children() {
        return Collections.unmodifiableMap(children);
    }

    /** {@return an unmodifiable view of this layer's own parameters and buffers by name} */
    public final Map<String, Parameter> ownParameters() {
        return Collections.unmodifiableMap(parameters);
    }

    /**
     * Visits this layer and all layers below it, parents first.
     *
     * @param visitor receives the dotted path (empty for this layer) and the layer
     */
    public final void walk(BiConsumer<String, Layer> visitor) {
        walk("", visitor);
    }

    private void walk(String path, BiConsumer<String, Layer> visitor) {
        visitor.accept(path, this);
        children.forEach((name, c) -> c.walk(below(path, name), visitor));
    }

    /** {@return the path of a child or parameter of the layer at a path, empty for the network} */
    public static String below(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    @Override
    public final Shape[] getOutputShapes(Shape[] shapes) {
        List<Shape> read = List.of(shapes).subList(0, Math.min(shapes.length, inputs.size()));
        return outputShapes(read).toArray(Shape[]::new);
    }

    @Override
    public final BlockList getChildren() {
        BlockList list = new BlockList(children.size());
        children.forEach(list::add);
        return list;
    }

    @Override
    public final ParameterList getDirectParameters() {
        ParameterList list = new ParameterList();
        parameters.forEach(list::add);
        return list;
    }

    @Override
    public final void initialize(NDManager manager, DataType type, Shape... shapes) {
        outputDataTypes = new DataType[] {type};
        for (Parameter p : parameters.values()) {
            p.initialize(manager, type);
        }
        for (Layer c : children.values()) {
            c.initialize(manager, type, c.inputShape());
        }
        ready = true;
    }

    // DJL calls this for every block in every training step. DJL's version visits all parameters.
    @Override
    public final boolean isInitialized() {
        return ready;
    }

    @Override
    public final void clear() {
        ready = false;
        parameters.values().forEach(Parameter::close);
        children.values().forEach(Block::clear);
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(describe());
        children.forEach(
                (name, c) -> {
                    out.append("\n  (").append(name).append("): ");
                    out.append(c.toString().replace("\n", "\n  "));
                });
        return out.toString();
    }

    /**
     * {@return a new map of the parameters and buffers of this layer and all layers below it, by
     * dotted path, in the order of registration}
     */
    public final Map<String, Parameter> namedParameters() {
        Map<String, Parameter> all = new LinkedHashMap<>();
        walk((path, layer) -> layer.parameters.forEach((name, p) -> all.put(below(path, name), p)));
        return all;
    }

    /**
     * Requires an input of floats and of a certain rank. Layers that read ids check the rank with
     * {@link Shapes#requireRank}.
     *
     * @param what this layer's name in the message
     * @param ranks the ranks it accepts
     */
    protected static void requireRank(String what, Shape in, int... ranks) {
        Shapes.requireFloats(what, in);
        Shapes.requireRank(what, in, ranks);
    }
}
