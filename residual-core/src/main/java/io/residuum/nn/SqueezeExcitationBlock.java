package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * Squeeze and excitation (Hu et al. 2018, Section 3): scales each channel by a gate computed from
 * the means of all channels. Keeps the shape.
 */
public final class SqueezeExcitationBlock extends Layer {
    private final Layer squeeze;
    private final Layer reduce;
    private final Layer expand;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}
     * @param width the number of hidden channels
     * @param init the initial weights of both linear maps
     */
    public SqueezeExcitationBlock(Shape input, int width, Init init) {
        super(input);
        requireRank("squeeze-excitation", input, 4);
        int channels = Math.toIntExact(input.get(1));
        squeeze = new GlobalPoolBlock(input, false);
        reduce =
                child(
                        "reduce",
                        new LinearBlock(squeeze.outputShape(), width, true, init, Init.ZEROS));
        expand =
                child(
                        "expand",
                        new LinearBlock(reduce.outputShape(), channels, true, init, Init.ZEROS));
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray mean = squeeze.forward(pass, x);
        NDArray hidden = reduce.forward(pass, mean).getNDArrayInternal().relu();
        NDArray gate = expand.forward(pass, hidden).getNDArrayInternal().sigmoid();
        Shape s = x.getShape();
        return x.mul(gate.reshape(-1, s.get(1), 1, 1));
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
        return "SqueezeExcitation(" + Shapes.channels(reduce.outputShape()) + ")";
    }
}
