package io.residuum.nn.norm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/** Computes the root mean square of the channels at each position. One channel remains. */
public final class RootMeanSquareBlock extends Layer {
    private final int axis;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}, {@code (-1, T, C)}, {@code (-1, C)} or any shape with
     *     channels last
     */
    public RootMeanSquareBlock(Shape input) {
        super(input);
        Shapes.requireFloats("root mean square", input);
        if (!Shapes.isChannelsLast(input)) {
            requireRank("root mean square", input, 2, 3, 4, 5);
        }
        this.axis = Shapes.channelAxis(input);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return x.square().mean(new int[] {axis}, true).sqrt();
    }

    @Override
    public Shape outputShape(Shape in) {
        return Shapes.withChannels(in, 1);
    }
}
