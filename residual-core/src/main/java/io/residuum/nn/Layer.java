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
import io.residuum.nn.trait.SeveralHeads;
import java.util.ArrayList;
import java.util.Arrays;
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
 * #compute}, {@link #outputShape(Shape)} and {@link #describe}. Inputs after the first are side
 * inputs of the {@link ForwardPass}, which every layer below can read.
 */
public abstract class Layer extends AbstractBaseBlock {
    private final Shape input;
    private final Map<String, Layer> children = new LinkedHashMap<>();
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private boolean ready;

    /**
     * Creates a layer.
     *
     * @param input the shape of the first input, with batch -1
     */
    protected Layer(Shape input) {
        this.input = input;
        inputNames = List.of("data");
        inputShapes = new Shape[] {input};
    }

    /**
     * Computes the output. In an evaluation, arrays that this method creates close when it returns.
     * The output and arrays owned by {@link ForwardPass#shared} or a {@link Cache} stay open.
     *
     * @param pass the forward pass
     * @param x the input
     * @return the output; it may be {@code x} itself
     */
    protected abstract NDArray compute(ForwardPass pass, NDArray x);

    /**
     * {@return the shape of the output for an input shape, by arithmetic}
     *
     * @param in a shape that this layer accepts; -1 for a free batch
     */
    public abstract Shape outputShape(Shape in);

    /**
     * {@return this layer in one line, without its children: {@code Conv2d(64, 7x7, stride 2,
     * padding 3)}}
     */
    public abstract String describe();

    /**
     * {@return the number of elements that this layer allocates in a forward pass, without its
     * children; by default the size of the output, or 0 for a layer with children}
     *
     * @param in the shape of the input; a free batch counts as one sample
     */
    public long activations(Shape in) {
        Shape out = outputShape(in);
        return children.isEmpty() ? Shapes.size(out) : 0;
    }

    /**
     * Checks that the activations and multiply-accumulates of this layer, without its children, can
     * be counted.
     *
     * @throws IllegalArgumentException if one of them is 2^63 or more
     */
    public final void requireExactCounts() {
        activations(input);
        if (this instanceof CountsMacs counts) {
            counts.macs(input);
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
     * {@return the paths of the heads that give no output, because only a forward hook can read
     * them; empty for a network of one head}
     */
    public final List<String> unreadHeads() {
        List<String> unread = new ArrayList<>();
        walk(
                (path, layer) -> {
                    if (layer instanceof SeveralHeads several) {
                        String prefix = path.isEmpty() ? "" : path + ".";
                        several.furtherHeads().forEach(head -> unread.add(prefix + head));
                    }
                });
        return unread;
    }

    /**
     * Requires that a network has one head.
     *
     * @param use what would drop the output of the other heads
     * @throws IllegalArgumentException if it has several
     */
    public final void requireOneHead(String use) {
        List<String> unread = unreadHeads();
        if (!unread.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s needs a network of one head, got several and would drop %s: keep one head in the spec, or read all with Network.features"
                            .formatted(use, String.join(", ", unread)));
        }
    }

    /**
     * Computes the output as part of a running forward pass. Layers call it on their children.
     *
     * @param pass the forward pass
     * @param x the input
     * @return the output; it may be {@code x} itself
     */
    public final NDArray forward(ForwardPass pass, NDArray x) {
        return pass.run(this, x);
    }

    @Override
    protected final NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        requireOneHead("DJL's forward");
        NDList named = sideInputs().require(inputs, outputDataTypes[0], true);
        return new NDList(forward(ForwardPass.of(store, named, training), named.head()));
    }

    /**
     * Registers a child.
     *
     * @param name the child's name, which becomes a part of its parameters' paths
     * @param child the child
     * @param <L> the child's type
     * @return the child
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
     * @param child the child
     * @return the child
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
     * @return the parameter
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
     * @return the buffer
     */
    protected final Parameter buffer(String name, Parameter.Type type, Init init, long... dims) {
        return register(name, type, init, false, dims);
    }

    private Parameter register(
            String name, Parameter.Type type, Init init, boolean trained, long... dims) {
        if (Shapes.product(dims) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a parameter must have at most %d values, as Java's arrays do, got %s for \"%s\" of %s: use smaller sizes"
                            .formatted(Integer.MAX_VALUE, new Shape(dims), name, describe()));
        }
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
        return input;
    }

    /** {@return the shape of the output for {@link #inputShape}, with batch -1} */
    public final Shape outputShape() {
        return outputShape(input);
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
        children.forEach((name, c) -> c.walk(path.isEmpty() ? name : path + "." + name, visitor));
    }

    @Override
    public final Shape[] getOutputShapes(Shape[] inputs) {
        return new Shape[] {outputShape(inputs[0])};
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

    /**
     * Answers from a field. DJL calls this method of every block in every training step, and its
     * own version walks through all parameters.
     */
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
        walk(
                (path, layer) ->
                        layer.parameters.forEach(
                                (name, p) ->
                                        all.put(path.isEmpty() ? name : path + "." + name, p)));
        return all;
    }

    /**
     * Requires an input of a certain rank.
     *
     * @param what this layer's name in the message
     * @param in the shape
     * @param ranks the ranks it accepts
     */
    protected static void requireRank(String what, Shape in, int... ranks) {
        if (Arrays.stream(ranks).noneMatch(r -> r == in.dimension())) {
            throw new IllegalArgumentException(
                    what
                            + " needs an input of "
                            + Arrays.toString(ranks)
                                    .replaceAll("[\\[\\]]", "")
                                    .replace(", ", " or ")
                            + " dimensions, got "
                            + in);
        }
    }
}
