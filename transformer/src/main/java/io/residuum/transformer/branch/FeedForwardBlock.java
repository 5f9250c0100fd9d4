package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.EndsInMap;
import org.jspecify.annotations.Nullable;

/** The position-wise feed-forward network, {@code (N, T, C) -> (N, T, C)}. */
final class FeedForwardBlock extends Layer implements EndsInMap {
    private final FeedForward spec;
    private final @Nullable Layer gate;
    private final Layer up;
    private final Layer activation;
    private final Layer innerNorm;
    private final Layer innerDropout;
    private final Layer down;
    private final Layer dropout;

    /** Creates the block for {@code (-1, T, C)}, {@code (-1, C)} or a shape with channels last. */
    FeedForwardBlock(Shape input, FeedForward spec) {
        super(input);
        this.spec = spec;
        if (!Shapes.isChannelsLast(input)) {
            requireRank("feed-forward", input, 2, 3);
        }
        int channels = Math.toIntExact(Shapes.channels(input));
        int inner =
                spec.width() > 0
                        ? spec.width()
                        : Math.toIntExact(Math.round(channels * spec.ratio()));
        Shape between = Shapes.withChannels(input, inner);
        Init init = ScaledInits.times(spec.init().toInit(), spec.gain());
        boolean bias = spec.bias();
        gate =
                spec.gated()
                        ? child("gate", new LinearBlock(input, inner, bias, init, Init.ZEROS))
                        : null;
        up = child("up", new LinearBlock(input, inner, bias, init, Init.ZEROS));
        activation = optionalChild("activation", spec.activation().newBlock(between));
        innerNorm = optionalChild("innerNorm", spec.innerNorm().newBlock(between));
        innerDropout = optionalChild("innerDropout", DropoutBlock.of(between, spec.innerDropout()));
        Init last = ScaledInits.times(init, spec.outputGain());
        boolean lastBias = bias || spec.outputBias();
        down = child("down", new LinearBlock(between, channels, lastBias, last, Init.ZEROS));
        dropout = optionalChild("dropout", DropoutBlock.of(input, spec.dropout()));
    }

    /** {@code down(activation(up(x)))}, or gated {@code down(activation(gate(x)) up(x))}. */
    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray wide = up.forward(pass, x);
        NDArray inner =
                gate == null
                        ? activation.forward(pass, wide)
                        : gated(pass, gate.forward(pass, x), wide);
        NDArray normal = innerNorm.forward(pass, inner);
        NDArray narrow = down.forward(pass, innerDropout.forward(pass, normal));
        return dropout.forward(pass, narrow);
    }

    /** {@code activation(gate) up}, of bounded and shifted numbers if the spec says so. */
    private NDArray gated(ForwardPass pass, NDArray gating, NDArray wide) {
        Ops ops = pass.ops();
        double limit = spec.limit();
        NDArray g = limit > 0 ? ops.minimum(gating, limit) : gating;
        NDArray w = limit > 0 ? ops.maximum(ops.minimum(wide, limit), -limit) : wide;
        NDArray shifted = spec.upShift() == 0 ? w : ops.add(w, spec.upShift());
        return activation.forward(pass, g).mul(shifted);
    }

    /** Counts the gated product. The layers inside count the rest. */
    @Override
    public long activations(Shape in) {
        return gate == null ? 0 : Shapes.size(up.outputShape(in));
    }

    @Override
    public String lastMap() {
        return "down";
    }

    @Override
    public String describe() {
        return gate == null ? "FeedForward" : "FeedForward(gated)";
    }
}
