package io.residuum.residual.stream;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import java.util.function.UnaryOperator;

/**
 * Applies one layer to each of n streams with the same weights: {@code (N, T, n C) -> (N, T, n
 * C')}. The layer sees the streams of sequences as further positions, and those of images as
 * further samples. It must treat all positions of a sequence equally, as norms and linear maps do.
 *
 * @param streams the number of streams n
 * @param layer the layer
 */
@TypeName("eachStream")
public record EachStream(@Default("\"\"") String name, int streams, LayerSpec layer)
        implements LayerSpec {
    public EachStream {
        Check.positive("streams", streams);
    }

    @Override
    public long layerCount() {
        return 1 + Build.layerCount("layer", layer);
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return new EachStream(name, streams, change.apply(layer));
    }

    @Override
    public Layer newBlock(Shape input) {
        Shape one = EachStreamBlock.oneStream(input, streams);
        return new EachStreamBlock(input, streams, Build.child("layer", layer, one));
    }
}
