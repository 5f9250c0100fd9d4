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
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A DJL block whose shapes are known when it is constructed, before any engine is loaded:
 * parameters, output shapes and costs follow from the input shape by arithmetic. Batch and, where
 * the operation allows, image size or sequence length stay free at run time.
 *
 * <p>A subclass registers its children and parameters in its constructor and implements {@link
 * #compute}. Inputs after the first are side inputs of the {@link ForwardPass} and reach every
 * layer below.
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
     * Computes the output. In an evaluation, arrays that this method creates close when it returns,
     * except the output and what a {@link ForwardPass#shared} recipe or a {@link Cache} owns.
     *
     * @param pass the forward pass
     * @param x the input
     * @return the output; it may be {@code x} itself
     */
    protected abstract NDArray compute(ForwardPass pass, NDArray x);

    /**
     * The output's shape for an input's shape, by arithmetic.
     *
     * @param in a shape that this layer accepts; -1 for a free batch
     * @return the output's shape
     */
    public abstract Shape outputShape(Shape in);

    /**
     * One line about this layer alone, without its children.
     *
     * @return for instance {@code Conv2d(64, 7x7, stride 2, padding 3)}
     */
    public abstract String describe();

    /**
     * Elements that this layer itself brings into memory, children not counted.
     *
     * @param in the input's shape; a free batch counts as one sample
     * @return by default the size of the output, or 0 for a layer with children
     */
    public long activations(Shape in) {
        Shape out = outputShape(in);
        return children.isEmpty() ? Shapes.batch(out) * Shapes.sampleSize(out) : 0;
    }

    /**
     * Computes the output within a pass that a parent has begun.
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
        return new NDList(forward(ForwardPass.of(store, inputs, training), inputs.head()));
    }

    /**
     * Registers a child.
     *
     * @param name the child's name: a part of the paths of its parameters
     * @param child the child
     * @param <L> its type
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
     * Registers a child, except an {@link IdentityBlock}, which has nothing to show.
     *
     * @param name the child's name: a part of the paths of its parameters
     * @param child the child
     * @return the child
     */
    protected final Layer optionalChild(String name, Layer child) {
        return child instanceof IdentityBlock ? child : child(name, child);
    }

    /**
     * Registers a parameter that is trained.
     *
     * @param name the last part of its path
     * @param type DJL's type of it
     * @param init its values at the start
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
     * @param type DJL's type of it
     * @param init its values at the start
     * @param dims its shape
     * @return the buffer
     */
    protected final Parameter buffer(String name, Parameter.Type type, Init init, long... dims) {
        return register(name, type, init, false, dims);
    }

    private Parameter register(
            String name, Parameter.Type type, Init init, boolean trained, long... dims) {
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

    /**
     * The shape this layer was built for.
     *
     * @return the shape of the first input, with batch -1
     */
    public final Shape inputShape() {
        return input;
    }

    /**
     * The output's shape for the shape this layer was built for.
     *
     * @return a shape with batch -1
     */
    public final Shape outputShape() {
        return outputShape(input);
    }

    /**
     * The children by name, in the order of registration.
     *
     * @return an unmodifiable view
     */
    public final Map<String, Layer> children() {
        return Collections.unmodifiableMap(children);
    }

    /**
     * This layer's own parameters and buffers by name.
     *
     * @return an unmodifiable view
     */
    public final Map<String, Parameter> ownParameters() {
        return Collections.unmodifiableMap(parameters);
    }

    /**
     * Visits this layer and all below it, parents first.
     *
     * @param visitor is given the dotted path (empty for this layer) and the layer
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
     * DJL asks this of every block on every training step, and would walk all parameters below to
     * answer.
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
     * The parameters and buffers of this layer and all below it, by dotted path, in the order of
     * registration.
     *
     * @return a new map
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
     * @param what this layer's name for people
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
