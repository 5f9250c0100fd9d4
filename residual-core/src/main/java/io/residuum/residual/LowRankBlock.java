package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ConvolutionBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.Padding;
import io.residuum.nn.Shapes;
import io.residuum.spec.layers.NormSpec;
import java.util.Arrays;

/** Adds a low-rank map to its input, {@code x + norm(right(left(x)))}. Keeps the shape. */
final class LowRankBlock extends Layer {
    private final int rank;
    private final Layer left;
    private final Layer right;
    private final Layer norm;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param rank the channels between the two maps
     * @param norm the norm after the maps
     */
    LowRankBlock(Shape input, int rank, NormSpec norm) {
        super(input);
        this.rank = rank;
        long channels = Shapes.channels(input);
        this.left = child("left", map(input, rank, Init.fanNormal(Init.Fan.IN, 1)));
        this.right = child("right", map(left.outputShape(), channels, Init.ZEROS));
        this.norm = optionalChild("norm", norm.newBlock(input));
    }

    private static Layer map(Shape input, long channels, Init init) {
        int units = Math.toIntExact(channels);
        if (!Shapes.isSpatial(input)) {
            return new LinearBlock(input, units, false, init, Init.ZEROS);
        }
        long[] sizes = new long[input.dimension() - 2];
        Padding none = Padding.both(new Shape(sizes.clone()));
        Arrays.fill(sizes, 1);
        Shape one = new Shape(sizes);
        ConvolutionBlock.Geometry pointwise =
                new ConvolutionBlock.Geometry(units, one, one, none, one, 1);
        return new ConvolutionBlock(input, pointwise, false, init, Init.ZEROS);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray low = right.forward(pass, left.forward(pass, x));
        return pass.ops().add(norm.forward(pass, low), x);
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    @Override
    public long activations(Shape in) {
        return Shapes.size(in);
    }

    @Override
    public String describe() {
        return "LowRank(" + rank + ")";
    }
}
