package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Init;
import io.residuum.nn.Inits;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.Shapes;
import org.jspecify.annotations.Nullable;

/** The position-wise feed-forward network, {@code (N, T, C) -> (N, T, C)}. */
public final class FeedForwardBlock extends Layer {
    private final @Nullable Layer gate;
    private final Layer up;
    private final Layer activation;
    private final Layer innerDropout;
    private final Layer down;
    private final Layer dropout;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, T, C)} or {@code (-1, C)}
     * @param spec its settings
     */
    FeedForwardBlock(Shape input, FeedForward spec) {
        super(input);
        requireRank("feed-forward", input, 2, 3);
        int channels = Math.toIntExact(Shapes.channels(input));
        int inner = spec.width() > 0 ? spec.width() : (int) Math.round(channels * spec.ratio());
        Shape between = Shapes.withChannels(input, inner);
        Init init = ScaledInits.times(spec.init().toInit(), spec.gain());
        boolean bias = spec.bias();
        gate =
                spec.gated()
                        ? child("gate", new LinearBlock(input, inner, bias, init, Inits.ZEROS))
                        : null;
        up = child("up", new LinearBlock(input, inner, bias, init, Inits.ZEROS));
        activation = optional("activation", spec.activation().newBlock(between));
        innerDropout = dropout("innerDropout", between, spec.innerDropout());
        Init last = ScaledInits.times(init, spec.outputGain());
        down = child("down", new LinearBlock(between, channels, bias, last, Inits.ZEROS));
        dropout = dropout("dropout", input, spec.dropout());
    }

    private Layer dropout(String name, Shape input, double rate) {
        return optional(name, rate == 0 ? new IdentityBlock(input) : new DropoutBlock(input, rate));
    }

    private Layer optional(String name, Layer layer) {
        return layer instanceof IdentityBlock ? layer : child(name, layer);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray wide = up.forward(pass, x);
        NDArray inner = gate == null ? activated(pass, wide) : gated(pass, gate, x, wide);
        NDArray kept = innerDropout.forward(pass, inner);
        pass.release(inner, kept);
        NDArray narrow = down.forward(pass, kept);
        pass.release(kept);
        NDArray y = dropout.forward(pass, narrow);
        pass.release(narrow, y);
        return y;
    }

    private NDArray activated(ForwardPass pass, NDArray wide) {
        NDArray y = activation.forward(pass, wide);
        pass.release(wide, y);
        return y;
    }

    private NDArray gated(ForwardPass pass, Layer by, NDArray x, NDArray wide) {
        NDArray open = activated(pass, by.forward(pass, x));
        NDArray y = open.mul(wide);
        pass.release(open);
        pass.release(wide);
        return y;
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    /** The gated product; all else is counted by the layers below. */
    @Override
    public long activations(Shape in) {
        return gate == null ? 0 : Shapes.batch(in) * Shapes.sampleSize(up.outputShape(in));
    }

    @Override
    public String describe() {
        return gate == null ? "FeedForward" : "FeedForward(gated)";
    }
}
