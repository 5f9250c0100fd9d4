package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/** Reshapes each sample: {@code (N, ...) -> (N, shape)}. */
final class ReshapeBlock extends Layer {
    private final Shape shape;
    private final boolean channelsLast;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param shape the shape of one sample; one size may be -1, and follows from the others
     * @param channelsLast true if the last axis of the output has the channels
     */
    ReshapeBlock(Shape input, Shape shape, boolean channelsLast) {
        super(input);
        this.shape = shape;
        this.channelsLast = channelsLast;
        outputShape(); // fails now if the number of elements differs
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return x.reshape(new Shape(-1).addAll(outputShape(x.getShape()).slice(1)));
    }

    @Override
    public Shape outputShape(Shape in) {
        long[] dims = new Shape(in.get(0)).addAll(shape).getShape();
        long known = 1;
        int open = -1;
        for (int i = 1; i < dims.length; i++) {
            open = dims[i] == -1 ? i : open;
            known = Shapes.product(known, Math.abs(dims[i]));
        }
        long elements = Shapes.sampleSize(in);
        if (open > 0 ? elements % known != 0 : elements != known) {
            throw new IllegalArgumentException(
                    "reshape must keep the %d elements of a sample, got %s to %s"
                            .formatted(elements, in.slice(1), shape));
        }
        if (open > 0) {
            dims[open] = elements / known;
        }
        Shape out = new Shape(dims);
        return channelsLast ? Shapes.channelsLast(out) : out;
    }

    @Override
    public long activations(Shape in) {
        return 0;
    }

    @Override
    public String describe() {
        return "Reshape(" + shape + ")";
    }
}
