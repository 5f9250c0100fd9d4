package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/** One position of a sequence, {@code (N, T, C) -> (N, C)}. */
final class TakeTokenBlock extends Layer {
    private final int index;

    /** Creates the block for an input {@code (-1, T, C)}. */
    TakeTokenBlock(Shape input, int index) {
        super(input);
        Shapes.requireRank("taking a token", input, 3);
        if (index >= input.get(1)) {
            throw new IllegalArgumentException(
                    "index must be below the input's " + input.get(1) + " positions, got " + index);
        }
        this.index = index;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return x.get(new NDIndex(":, {}", index));
    }

    @Override
    public Shape outputShape(Shape in) {
        return Shapes.moved(in, new Shape(in.get(0), in.get(2)));
    }

    @Override
    public String describe() {
        return "TakeToken(" + index + ")";
    }
}
