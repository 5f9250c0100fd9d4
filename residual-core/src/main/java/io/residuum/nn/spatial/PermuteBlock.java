package io.residuum.nn.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import java.util.Arrays;

/** Permutes the axes after the batch. */
public final class PermuteBlock extends Layer {
    private final boolean channelsLast;
    private final int[] order;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param channelsLast true if the last axis of the output has the channels
     * @param order the input's axis for each axis of the output, beginning with 0 for the batch
     */
    public PermuteBlock(Shape input, boolean channelsLast, int... order) {
        super(input);
        Shapes.requireRank("permute", new Shape(input.getShape()), order.length);
        this.channelsLast = channelsLast;
        this.order = order.clone();
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return x.transpose(order);
    }

    @Override
    public Shape outputShape(Shape in) {
        Shape out = new Shape(Arrays.stream(order).mapToLong(in::get).toArray());
        return Shapes.moved(in, channelsLast ? Shapes.channelsLast(out) : out);
    }

    @Override
    public String describe() {
        return "Permute(" + Arrays.toString(order) + ")";
    }
}
