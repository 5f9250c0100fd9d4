package io.residuum.nn.pool;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/**
 * Computes the maximum or mean over all positions of images {@code (N, C, H, W)}, volumes {@code
 * (N, C, D, H, W)} or sequences {@code (N, T, C)}, with the result {@code (N, C)}.
 */
public final class GlobalPoolBlock extends Layer {
    private static final Shape ONE = new Shape(1, 1);
    private static final Shape NONE = new Shape(0, 0);

    private final boolean max;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}, {@code (-1, C, D, H, W)} or {@code (-1, T, C)}
     * @param max true for the maximum, false for the mean
     */
    public GlobalPoolBlock(Shape input, boolean max) {
        super(input);
        requireRank("global pooling", input, 3, 4, 5);
        this.max = max;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape s = x.getShape();
        if (s.dimension() == 3) {
            int[] time = {1};
            return max ? x.max(time) : x.mean(time);
        }
        if (s.dimension() == 5) {
            NDArray rows = x.reshape(-1, s.get(1), s.slice(2).size());
            int[] last = {2};
            return max ? rows.max(last) : rows.mean(last);
        }
        Shape all = new Shape(s.get(2), s.get(3));
        NDArray pooled =
                max
                        ? x.getNDArrayInternal().maxPool(all, ONE, NONE, false)
                        : pass.ops().meanOfImages(x);
        return pooled.reshape(-1, s.get(1));
    }

    @Override
    public Shape outputShape(Shape in) {
        return new Shape(in.get(0), Shapes.channels(in));
    }

    @Override
    public String describe() {
        return max ? "GlobalMaxPool" : "GlobalAveragePool";
    }
}
