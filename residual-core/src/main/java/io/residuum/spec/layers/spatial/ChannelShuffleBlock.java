package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import java.util.stream.IntStream;

/**
 * Interleaves the channels of groups (Zhang et al. 2018, ShuffleNet, arXiv:1707.01083, Section
 * 3.1). Keeps the shape.
 */
final class ChannelShuffleBlock extends Layer {
    private final int groups;

    /**
     * Creates the block.
     *
     * @param input any shape with channels
     * @param groups the number of groups, a divisor of the channels
     */
    ChannelShuffleBlock(Shape input, int groups) {
        super(input);
        if (Shapes.channels(input) % groups != 0) {
            throw new IllegalArgumentException(
                    "groups must divide the channels, got %d groups of %d channels"
                            .formatted(groups, Shapes.channels(input)));
        }
        this.groups = groups;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape shape = x.getShape();
        int axis = Shapes.channelAxis(inputShape());
        Shape grouped =
                new Shape(-1)
                        .addAll(shape.slice(1, axis))
                        .add(groups, shape.get(axis) / groups)
                        .addAll(shape.slice(axis + 1));
        int[] order = IntStream.range(0, grouped.dimension()).toArray();
        order[axis] = axis + 1;
        order[axis + 1] = axis;
        return x.reshape(grouped).transpose(order).reshape(new Shape(-1).addAll(shape.slice(1)));
    }

    @Override
    public String describe() {
        return "ChannelShuffle(" + groups + ")";
    }
}
