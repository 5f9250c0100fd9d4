package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.RepeatsChildren;

/** Applies one layer to each stream, with the same weights. */
public final class EachStreamBlock extends Layer implements RepeatsChildren {
    private final int streams;
    private final Layer layer;

    /**
     * Creates the block.
     *
     * @param input the shape of the streams
     * @param streams their number
     * @param layer a layer built for {@link #oneStream}
     */
    public EachStreamBlock(Shape input, int streams, Layer layer) {
        super(input);
        this.streams = streams;
        this.layer = child("layer", layer);
    }

    /**
     * {@return the shape in which a layer sees the streams: {@code (N, T n, C)} or {@code (N n, C,
     * H, W)}}
     *
     * @param input the shape of the streams
     * @param streams their number
     */
    public static Shape oneStream(Shape input, int streams) {
        return apart(input, streams, new Streams(input, streams).width());
    }

    /** Moves streams from the channels to the axis before them, except for the free batch. */
    private static Shape apart(Shape wide, int streams, long width) {
        long[] dims = Shapes.withChannels(wide, width).getShape().clone();
        int axis = dims.length - 2;
        if (!Shapes.isSpatial(wide) && axis > 0) {
            dims[axis] *= streams;
        }
        dims[0] = -1;
        return Shapes.inOrderOf(wide, dims);
    }

    private Shape together(Shape narrow) {
        long[] dims =
                Shapes.withChannels(narrow, Shapes.channels(narrow) * streams).getShape().clone();
        int axis = dims.length - 2;
        if (!Shapes.isSpatial(narrow) && axis > 0) {
            dims[axis] /= streams;
        }
        return Shapes.inOrderOf(narrow, dims);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape wide = Shapes.inOrderOf(inputShape(), x.getShape().getShape());
        NDArray y = layer.forward(pass, x.reshape(oneStream(wide, streams)));
        long[] dims =
                together(Shapes.inOrderOf(layer.outputShape(), y.getShape().getShape()))
                        .getShape()
                        .clone();
        dims[0] = -1;
        return y.reshape(new Shape(dims));
    }

    @Override
    public Shape outputShape(Shape in) {
        long[] dims = together(layer.outputShape(oneStream(in, streams))).getShape().clone();
        dims[0] = in.get(0);
        return Shapes.inOrderOf(in, dims);
    }

    /** {@return n if the streams are further samples, since costs are those of one sample} */
    @Override
    public int runs(String child) {
        return Shapes.isSpatial(inputShape()) || inputShape().dimension() == 2 ? streams : 1;
    }

    @Override
    public String describe() {
        return "EachStream(" + streams + ")";
    }
}
