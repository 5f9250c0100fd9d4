package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/** Drops elements at the begin and end of axes. */
final class SliceBlock extends Layer {
    private final String name;
    private final Shape before;
    private final Shape after;

    /**
     * Creates the block.
     *
     * @param input any shape
     * @param name the name in {@link #describe}
     * @param before the number of elements to drop at the begin of each axis after the batch
     * @param after the number of elements to drop at the end of each axis after the batch
     */
    SliceBlock(Shape input, String name, Shape before, Shape after) {
        super(input);
        this.name = name;
        this.before = before;
        this.after = after;
        outputShape(); // fails now if nothing would be left
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray kept = x;
        for (int i = 0; i < before.dimension(); i++) {
            if (before.get(i) + after.get(i) > 0) {
                long end = x.getShape().get(i + 1) - after.get(i);
                kept = pass.ops().slice(kept, i + 1, before.get(i), end);
            }
        }
        return kept;
    }

    @Override
    public Shape outputShape(Shape in) {
        long[] dims = in.getShape().clone();
        for (int i = 0; i < before.dimension(); i++) {
            dims[i + 1] -= before.get(i) + after.get(i);
            if (dims[i + 1] < 1) {
                throw new IllegalArgumentException(
                        "%s must leave one element or more on each axis, got %d and %d dropped of %d"
                                .formatted(name, before.get(i), after.get(i), in.get(i + 1)));
            }
        }
        return Shapes.inOrderOf(in, dims);
    }

    @Override
    public String describe() {
        return name + "(" + before + ", " + after + ")";
    }
}
