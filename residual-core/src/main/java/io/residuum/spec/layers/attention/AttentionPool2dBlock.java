package io.residuum.spec.layers.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.Ops;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.CountsMacs;
import io.residuum.nn.trait.EndsInMap;

/** The mean of an image as a query that reads its pixels, {@code (N, C, H, W) -> (N, units)}. */
final class AttentionPool2dBlock extends Layer implements CountsMacs, EndsInMap {
    private final int heads;
    private final int width;
    private final Parameter position;
    private final Layer queries;
    private final Layer keys;
    private final Layer values;
    private final Layer output;

    /** Creates the block for an input {@code (-1, C, H, W)} whose channels the heads divide. */
    AttentionPool2dBlock(Shape input, int heads, int units, Init init) {
        super(input);
        requireRank("attentionPool2d", input, 4);
        this.heads = heads;
        int channels = Math.toIntExact(Shapes.channels(input));
        width = channels / heads;
        long rows = rows(input);
        position = parameter("position", Parameter.Type.WEIGHT, init, rows, channels);
        Shape one = new Shape(-1, 1, channels);
        Shape all = new Shape(-1, rows, channels);
        queries = child("q", new LinearBlock(one, channels, true, init, Init.ZEROS));
        keys = child("k", new LinearBlock(all, channels, true, init, Init.ZEROS));
        values = child("v", new LinearBlock(all, channels, true, init, Init.ZEROS));
        Shape read = new Shape(-1, channels);
        output = child("output", new LinearBlock(read, units, true, init, Init.ZEROS));
    }

    /** Returns the number of pixels and their mean. */
    private static long rows(Shape image) {
        return 1 + Shapes.product(image.get(2), image.get(3));
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape s = x.getShape();
        requirePositions(s);
        Ops ops = pass.ops();
        NDArray pixels = x.reshape(-1, s.get(1), s.get(2) * s.get(3)).transpose(0, 2, 1);
        NDArray mean = ops.meanOfImages(x).reshape(-1, 1, s.get(1));
        NDArray all = NDArrays.concat(new NDList(mean, pixels), 1).add(pass.value(position));
        // Queries are scaled rather than scores, as in attention.
        NDArray q = ops.mul(split(pass, queries, ops.slice(all, 1, 0, 1)), 1 / Math.sqrt(width));
        NDArray weights = ops.batchedProductTransposed(q, split(pass, keys, all)).softmax(2);
        ForwardHook hook = pass.hook();
        if (hook != null) {
            hook.attention(this, weights);
        }
        NDArray read = ops.batchedProduct(weights, split(pass, values, all));
        return output.forward(pass, read.reshape(-1, s.get(1)));
    }

    /** Maps rows to heads, {@code (N, T, C) -> (N heads, T, width)}. */
    private NDArray split(ForwardPass pass, Layer map, NDArray rows) {
        return pass.ops().splitHeads(map.forward(pass, rows), width, heads, heads).head();
    }

    @Override
    public Shape outputShape(Shape in) {
        requirePositions(in);
        return output.outputShape(new Shape(in.get(0), in.get(1)));
    }

    private void requirePositions(Shape image) {
        long found = rows(image);
        long expected = position.getShape().get(0);
        if (found != expected) {
            throw new IllegalArgumentException(
                    "attentionPool2d has positions for %d pixels, got %d: use images of the size it was created for"
                            .formatted(expected - 1, found - 1));
        }
    }

    /** Counts the two products of the query. */
    @Override
    public long macs(Shape in) {
        return Shapes.product(Shapes.batch(in), 2, in.get(1), rows(in));
    }

    @Override
    public String lastMap() {
        return "output";
    }

    @Override
    public String describe() {
        return "AttentionPool2d(" + heads + " heads of " + width + ")";
    }
}
