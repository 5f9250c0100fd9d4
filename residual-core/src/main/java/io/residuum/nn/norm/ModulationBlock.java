package io.residuum.nn.norm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.Shapes;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import java.util.Arrays;

/**
 * Scales channels, and shifts them, by a linear map of a side input {@code (N, W)} (FiLM, Perez et
 * al. 2018, arXiv:1709.07871). Keeps the shape.
 */
public final class ModulationBlock extends Layer {

    /** The function of the input. */
    public enum Kind {
        /** {@code g(c) x}. */
        GATE,
        /** {@code (1 + g(c)) x + b(c)}. */
        SCALE_AND_SHIFT
    }

    private final String condition;
    private final Kind kind;
    private final LinearBlock linear;

    /**
     * Creates the block.
     *
     * @param input any shape with channels
     * @param condition the name of the side input
     * @param width W
     * @param init the initial weights of the linear map, whose bias starts at 0
     * @param kind the function of the input
     */
    public ModulationBlock(Shape input, String condition, int width, Init init, Kind kind) {
        super(input);
        Shapes.requireFloats("modulation", input);
        this.condition = condition;
        this.kind = kind;
        long maps = kind == Kind.GATE ? 1 : 2;
        int units = Math.toIntExact(maps * Shapes.channels(input));
        this.linear =
                child(
                        "linear",
                        new LinearBlock(new Shape(-1, width), units, true, init, Init.ZEROS));
    }

    /** {@return true if this layer only multiplies: {@code g(c) x}} */
    public boolean isGate() {
        return kind == Kind.GATE;
    }

    @Override
    public SideInputs sideInputs() {
        return SideInputs.NONE.and(SideInput.numbers(condition).asRequired());
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray maps = linear.forward(pass, read(pass));
        if (kind == Kind.GATE) {
            return x.mul(perChannel(maps));
        }
        long channels = Shapes.channels(inputShape());
        NDArray factors = perChannel(maps.get(":, 0:{}", channels));
        NDArray offsets = perChannel(maps.get(":, {}:{}", channels, 2 * channels));
        return x.mul(pass.ops().add(factors, 1)).add(offsets);
    }

    private NDArray read(ForwardPass pass) {
        NDArray c = pass.sideInput(condition);
        Shape width = linear.inputShape().slice(1);
        if (c == null || !c.getShape().slice(1).equals(width)) {
            throw new IllegalArgumentException(
                    "%s needs a side input named \"%s\" of shape (N, %d), found %s: name the value in \"with\", or give an array of this name"
                            .formatted(
                                    describe(),
                                    condition,
                                    width.get(0),
                                    c == null ? "none" : c.getShape()));
        }
        return c;
    }

    /** Reshapes {@code (N, C)} so that it broadcasts over positions. */
    private NDArray perChannel(NDArray values) {
        long[] dims = new long[inputShape().dimension()];
        Arrays.fill(dims, 1);
        dims[0] = -1;
        dims[Shapes.channelAxis(inputShape())] = Shapes.channels(inputShape());
        return values.reshape(dims);
    }

    @Override
    public long activations(Shape in) {
        return Shapes.size(in);
    }

    @Override
    public String describe() {
        return kind == Kind.GATE ? "Gate(" + condition + ")" : "Modulation(" + condition + ")";
    }
}
