package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.AffineLayer;
import io.residuum.nn.Layer;
import io.residuum.nn.norm.SpectralNormBlock;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import java.util.function.UnaryOperator;

/**
 * A linear layer or convolution whose map has a bounded spectral norm: a larger weight is divided
 * by its norm (i-ResNet, Behrmann et al. 2019, arXiv:1811.00995, Section 2.1). The bound is safe,
 * by Gram iteration (Delattre et al. 2023, arXiv:2305.16173).
 *
 * @param layer the linear layer or convolution, without a name
 * @param bound the largest norm, positive. Default: 0.9
 * @param iterations the number of Gram iterations; with 6 the norm of 64 channels is at most 3% too
 *     large. Default: 6
 */
@TypeName("spectralNorm")
public record SpectralNorm(
        @Default("\"\"") String name,
        LayerSpec layer,
        @Default("0.9") double bound,
        @Default("6") int iterations)
        implements LayerSpec {
    public SpectralNorm {
        Check.that(
                layer.name().isEmpty(),
                "layer must have no name, got \"%s\"; name the layer around it",
                layer.name());
        Check.positive("bound", bound);
        Check.positive("iterations", iterations);
    }

    @Override
    public long layerCount() {
        return 1 + Build.layerCount("layer", layer);
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return new SpectralNorm(name, change.apply(layer), bound, iterations);
    }

    @Override
    public Layer newBlock(Shape input) {
        Layer built = Build.child("layer", layer, input);
        Check.that(
                built instanceof AffineLayer,
                "layer must be a linear layer or a convolution, got %s",
                built.describe());
        return new SpectralNormBlock((AffineLayer) built, bound, iterations);
    }
}
