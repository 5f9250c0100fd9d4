package io.residuum.spec.layers.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/**
 * Global context attention (Cao et al. 2019, arXiv:1904.11492, Section 3.3): a mean of all
 * positions, weighted by a softmax over them, goes through a map and scales or shifts the channels.
 * Keeps the shape.
 */
final class GlobalContextBlock extends Layer {
    private static final int[] POSITIONS = {2, 3};

    private final boolean add;
    private final Layer attention;
    private final Layer map;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}
     * @param attention the scores of the positions, {@code (N, C, H, W) -> (N, 1, H, W)}
     * @param map the map of the context, {@code (N, C) -> (N, C)}
     * @param add true to add the result, false to scale the input by its sigmoid
     */
    GlobalContextBlock(Shape input, Layer attention, Layer map, boolean add) {
        super(input);
        requireRank("global context attention", input, 4);
        this.add = add;
        this.attention = child("attention", attention);
        this.map = child(add ? "add" : "scale", map);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape s = x.getShape();
        NDArray scores = attention.forward(pass, x).reshape(-1, s.get(2) * s.get(3));
        NDArray weights = scores.softmax(1).reshape(-1, 1, s.get(2), s.get(3));
        NDArray context = x.mul(weights).sum(POSITIONS);
        NDArray change = map.forward(pass, context).reshape(-1, s.get(1), 1, 1);
        return add ? pass.ops().add(x, change) : x.mul(change.getNDArrayInternal().sigmoid());
    }

    @Override
    public long activations(Shape in) {
        return Shapes.product(2, Shapes.size(in));
    }

    @Override
    public String describe() {
        return "GlobalContext(" + (add ? "add" : "scale") + ")";
    }
}
