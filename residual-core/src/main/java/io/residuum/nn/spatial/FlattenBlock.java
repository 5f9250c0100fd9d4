package io.residuum.nn.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/** Flattens each sample: {@code (N, ...) -> (N, size)}. */
public final class FlattenBlock extends Layer {

    /**
     * Creates the block.
     *
     * @param input any shape
     */
    public FlattenBlock(Shape input) {
        super(input);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return x.reshape(-1, Shapes.sampleSize(x.getShape()));
    }

    @Override
    public Shape outputShape(Shape in) {
        return new Shape(in.get(0), Shapes.sampleSize(in));
    }

    @Override
    public long activations(Shape in) {
        return 0;
    }
}
