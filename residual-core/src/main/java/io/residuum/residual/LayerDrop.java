package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Chain;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Layers in sequence that are dropped together at random in training, so that their input remains
 * (LayerDrop, Fan et al. 2019, arXiv:1909.11556, Section 3). A transformer block drops its units of
 * attention and feed-forward at once, while {@code dropPath} of a unit drops one branch. Paths are
 * those of a {@link Sequential}.
 *
 * @param dropPath the rate; the paper's mode is {@code batch} and its rescale {@code never}, a
 *     factor of what the layers change
 * @param layers the layers, in order; together they keep the shape
 */
@TypeName("layerDrop")
public record LayerDrop(@Default("\"\"") String name, DropPathSpec dropPath, List<LayerSpec> layers)
        implements LayerSpec {
    public LayerDrop {
        layers = List.copyOf(layers);
        sequence(layers); // checks the names
    }

    private static Sequential sequence(List<LayerSpec> layers) {
        return new Sequential("", layers);
    }

    @Override
    public long layerCount() {
        return sequence(layers).layerCount();
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return new LayerDrop(name, dropPath, layers.stream().map(change).toList());
    }

    @Override
    public Layer newBlock(Shape input) {
        Chain chain = (Chain) sequence(layers).newBlock(input);
        return new LayerDropBlock(chain, dropPath.toDropPath(chain));
    }
}
