package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;

/** Adds a low-rank map to its input, {@code x + norm(right(left(x)))}. Keeps the shape. */
final class LowRankShortcutBlock extends Layer {
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
    LowRankShortcutBlock(Shape input, int rank, NormSpec norm) {
        super(input);
        this.rank = rank;
        Shape low = Shapes.withChannels(input, rank);
        this.left = child("left", ShortcutSpec.map(input, low, new InitSpec.LecunNormal()));
        this.right = child("right", ShortcutSpec.map(low, input, new InitSpec.Constant(0)));
        this.norm = optionalChild("norm", norm.newBlock(input));
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray low = right.forward(pass, left.forward(pass, x));
        return pass.ops().add(norm.forward(pass, low), x);
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
