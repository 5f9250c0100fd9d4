package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import java.util.function.UnaryOperator;

/**
 * Applies a layer of sequences to the pixels of an image, row by row: {@code (N, C, H, W) -> (N,
 * C', H, W)}, or {@code (N, H, W, C) -> (N, H, W, C')}. The layer maps {@code (N, H W, C)} to
 * {@code (N, H W, C')}, as attention does. Its parameters are below {@code layer}.
 *
 * @param layer the layer
 */
@TypeName("asSequence")
public record AsSequence(@Default("\"\"") String name, LayerSpec layer) implements LayerSpec {
    @Override
    public long layerCount() {
        return 1 + Build.layerCount("layer", layer);
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return new AsSequence(name, change.apply(layer));
    }

    @Override
    public Layer newBlock(Shape input) {
        Check.that(
                input.dimension() == 4,
                "the input of asSequence must be images, (N, C, H, W) or (N, H, W, C), got %s",
                input);
        Shape sequence = AsSequenceBlock.sequence(input);
        Layer inner = Build.child("layer", layer, sequence);
        Check.that(
                inner.outputShape().dimension() == 3
                        && inner.outputShape().get(1) == sequence.get(1),
                "the layer in asSequence must keep the %s positions of %s, got the output %s",
                sequence.get(1),
                sequence,
                inner.outputShape());
        return new AsSequenceBlock(input, inner);
    }

    /** Applies a layer of sequences to the pixels of an image. */
    private static final class AsSequenceBlock extends Layer {
        private final Layer layer;

        AsSequenceBlock(Shape input, Layer layer) {
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
}
