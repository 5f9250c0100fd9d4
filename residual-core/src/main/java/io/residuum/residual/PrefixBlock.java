package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;

/** Selects the first positions of a sequence, {@code (N, T, C) -> (N, count, C)}. */
final class PrefixBlock extends Layer {
    private final long count;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, T, C)}
     * @param count the number of positions, at most T
     */
    public PrefixBlock(Shape input, long count) {
        super(input);
        requireRank("a shortcut of the first positions", input, 3);
        if (count > input.get(1)) {
            throw new IllegalArgumentException(
                    String.format(
                            "a shortcut of the first positions needs a branch with at most the"
                                    + " input's %d positions, got %d",
                            input.get(1), count));
        }
        this.count = count;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return x.get(new NDIndex(":, 0:{}", count));
    }

    @Override
    public Shape outputShape(Shape in) {
        return new Shape(in.get(0), count, in.get(2));
    }

    @Override
    public String describe() {
        return "FirstPositions(" + count + ")";
    }
}
