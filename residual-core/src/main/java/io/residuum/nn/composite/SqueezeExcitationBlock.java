package io.residuum.nn.composite;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.Shapes;
import io.residuum.nn.pool.GlobalPoolBlock;
import java.util.function.Function;

/**
 * Squeeze and excitation (Hu et al. 2018, Section 3): scales each channel by a gate computed from
 * the means of all channels, and may add an offset computed like the gate. Keeps the shape.
 */
public final class SqueezeExcitationBlock extends Layer {
    private final boolean shift;
    private final Layer squeeze;
    private final Layer reduce;
    private final Layer hidden;
    private final Layer expand;
    private final Layer gate;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}
     * @param width the number of hidden channels
     * @param shift true to add an offset to each channel, from the second half of {@code expand}
     * @param init the initial weights of both linear maps
     * @param activation builds the activation of the hidden channels, without parameters
     * @param gate builds the function of the factors, without parameters
     */
    public SqueezeExcitationBlock(
            Shape input,
            int width,
            boolean shift,
            Init init,
            Function<Shape, Layer> activation,
            Function<Shape, Layer> gate) {
        super(input);
        this.shift = shift;
        requireRank("squeeze-excitation", input, 4);
        int channels = Math.toIntExact(input.get(1));
        squeeze = new GlobalPoolBlock(input, false);
        reduce =
                child(
                        "reduce",
                        new LinearBlock(squeeze.outputShape(), width, true, init, Init.ZEROS));
        hidden = activation.apply(reduce.outputShape());
        expand =
                child(
                        "expand",
                        new LinearBlock(
                                reduce.outputShape(),
                                Math.multiplyExact(channels, shift ? 2 : 1),
                                true,
                                init,
                                Init.ZEROS));
        this.gate = gate.apply(new Shape(-1, channels));
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray mean = squeeze.forward(pass, x);
        NDArray expanded = expand.forward(pass, hidden.forward(pass, reduce.forward(pass, mean)));
        long channels = x.getShape().get(1);
        if (!shift) {
            return x.mul(gate.forward(pass, expanded).reshape(-1, channels, 1, 1));
        }
        NDArray factors = gate.forward(pass, expanded.get(":, 0:{}", channels));
        NDArray offset = expanded.get(":, {}:", channels);
        return x.mul(factors.reshape(-1, channels, 1, 1)).add(offset.reshape(-1, channels, 1, 1));
    }

    /** {@return true if this layer adds an offset to each channel} */
    public boolean shifts() {
        return shift;
    }

    @Override
    public long activations(Shape in) {
        return shift ? Shapes.product(2, Shapes.size(in)) : Shapes.size(in);
    }

    @Override
    public String describe() {
        return "SqueezeExcitation("
                + Shapes.channels(reduce.outputShape())
                + (shift ? ", shift)" : ")");
    }
}
