package io.residuum.nn.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import java.util.Arrays;

/** Permutes the axes after the batch. */
public final class PermuteBlock extends Layer {
    private final int[] order;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param order the input's axis for each axis of the output, beginning with 0 for the batch
     */
    public PermuteBlock(Shape input, int... order) {
        super(input);
        requireRank("permute", input, order.length);
        this.order = order.clone();
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return x.transpose(order);
    }

    @Override
    public Shape outputShape(Shape in) {
        return new Shape(Arrays.stream(order).mapToLong(in::get).toArray());
    }

    @Override
    public String describe() {
        return "Permute(" + Arrays.toString(order) + ")";
    }
}
