package io.residuum.nn.composite;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ConvolutionBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Padding;
import io.residuum.nn.Shapes;
import io.residuum.nn.pool.GlobalPoolBlock;

/**
 * Efficient channel attention (Wang et al. 2020, arXiv:1910.03151, Section 3.3): scales each
 * channel by a gate, a convolution over the means of neighbouring channels. Keeps the shape.
 */
public final class EfficientChannelAttentionBlock extends Layer {
    private static final Shape ONE = new Shape(1);

    private final int kernel;
    private final Layer pool;
    private final Layer conv;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}
     * @param kernel the number of neighbouring channels, odd
     * @param init the initial weights
     */
    public EfficientChannelAttentionBlock(Shape input, int kernel, Init init) {
        super(input);
        requireRank("efficient channel attention", input, 4);
        this.kernel = kernel;
        pool = new GlobalPoolBlock(input, false);
        // The channels are the positions of a sequence of width 1.
        ConvolutionBlock.Geometry geometry =
                new ConvolutionBlock.Geometry(
                        1,
                        new Shape(kernel),
                        ONE,
                        Padding.both(new Shape((kernel - 1) / 2)),
                        ONE,
                        1);
        Shape sequence = new Shape(input.get(0), input.get(1), 1);
        conv = child("conv", new ConvolutionBlock(sequence, geometry, false, init, Init.ZEROS));
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        long channels = x.getShape().get(1);
        NDArray mean = pool.forward(pass, x).reshape(-1, channels, 1);
        NDArray gate = conv.forward(pass, mean).getNDArrayInternal().sigmoid();
        return x.mul(gate.reshape(-1, channels, 1, 1));
    }

    @Override
    public long activations(Shape in) {
        return Shapes.size(in);
    }

    @Override
    public String describe() {
        return "EfficientChannelAttention(" + kernel + ")";
    }
}
