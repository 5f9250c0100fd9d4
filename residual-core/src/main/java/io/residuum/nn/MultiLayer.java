package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * A layer with several inputs or outputs. Both are in order; only the outputs have names, because
 * the surrounding {@code GraphBlock} or {@link Chain} connects them by position.
 */
public abstract class MultiLayer extends Layer {
    private List<SideInput> named = List.of();

    /**
     * Creates a layer.
     *
     * @param inputs the shapes of the inputs, with batch -1
     */
    protected MultiLayer(List<Shape> inputs) {
        super(inputs);
    }

    /**
     * Computes all outputs. Memory is managed as in {@link Layer#compute}.
     *
     * @param in the inputs, in order
     * @return the outputs, in the order of {@link #outputNames}; some may be inputs
     */
    @Override
    protected abstract NDList computeAll(ForwardPass pass, NDList in);

    /**
     * Reads the inputs after the first from the forward pass, by name, if they are not given. A
     * complete network does so.
     *
     * @param inputs the inputs after the first, in order
     */
    public final void readByName(List<SideInput> inputs) {
        named = List.copyOf(inputs);
    }

    @Override
    final NDList given(ForwardPass pass, NDList in) {
        if (named.isEmpty() || in.size() > 1) {
            return in;
        }
        NDList all = new NDList(in);
        for (SideInput input : named) {
            NDArray array = pass.sideInput(input.name());
            if (array == null) {
                throw new IllegalArgumentException(
                        "the network needs the input \"%s\", found none of this name: name it with setName"
                                .formatted(input.name()));
            }
            all.add(array);
        }
        return all;
    }

    @Override
    public final SideInputs sideInputs() {
        return SideInputs.NONE.and(named).and(childSideInputs().all());
    }

    /** {@return the side inputs that children read} */
    protected SideInputs childSideInputs() {
        return super.sideInputs();
    }

    @Override
    protected final NDArray compute(ForwardPass pass, NDArray x) {
        return computeAll(pass, new NDList(x)).singletonOrThrow();
    }

    @Override
    public abstract List<Shape> outputShapes(List<Shape> in);

    @Override
    public final Shape outputShape(Shape in) {
        if (inputShapes().size() > 1) {
            throw new IllegalArgumentException(
                    "%s needs the shapes of all its inputs, got one: call outputShapes"
                            .formatted(describe()));
        }
        return outputShapes(List.of(in)).get(0);
    }

    /** {@return the size of all outputs for the inputs that this layer is built for} */
    @Override
    public long activations(Shape in) {
        return children().isEmpty() ? outputShapes().stream().mapToLong(Shapes::size).sum() : 0;
    }
}
