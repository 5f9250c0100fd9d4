package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.spatial.AsSequenceBlock;
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
}
