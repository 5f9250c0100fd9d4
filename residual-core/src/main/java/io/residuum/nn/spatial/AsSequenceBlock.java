package io.residuum.nn.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/** Applies a layer of sequences to the pixels of an image. */
public final class AsSequenceBlock extends Layer {
    private final Layer layer;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}, or {@code (-1, H, W, C)} with channels last
     * @param layer a layer built for {@link #sequence}, which keeps the number of positions
     */
    public AsSequenceBlock(Shape input, Layer layer) {
        super(input);
        this.layer = child("layer", layer);
    }

    /** {@return the shape that a layer reads, {@code (N, H W, C)}} */
    public static Shape sequence(Shape images) {
        long channels = Shapes.channels(images);
        return new Shape(images.get(0), Shapes.sampleSize(images) / channels, channels);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape actual = Shapes.inOrderOf(inputShape(), x.getShape().getShape());
        Shape sequence = sequence(actual);
        long length = sequence.get(1);
        boolean last = Shapes.isChannelsLast(actual);
        NDArray rows =
                last
                        ? x.reshape(-1, length, sequence.get(2))
                        : x.reshape(-1, sequence.get(2), length).transpose(0, 2, 1);
        NDArray y = layer.forward(pass, rows);
        long[] out = Shapes.withChannels(actual, y.getShape().get(2)).getShape().clone();
        out[0] = -1;
        return (last ? y : y.transpose(0, 2, 1)).reshape(new Shape(out));
    }

    @Override
    public Shape outputShape(Shape in) {
        return Shapes.withChannels(in, layer.outputShape(sequence(in)).get(2));
    }
}
