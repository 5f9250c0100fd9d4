package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A shortcut of any layers, for instance of a depthwise and a 1x1 convolution as in GhostNet (Han
 * et al. 2020, arXiv:1911.11907, Section 3.2). The merge joins their output with the branch's. An
 * unnamed layer is named by its index.
 *
 * @param layers one or more layers, in order
 */
@TypeName("layers")
public record LayeredShortcut(List<LayerSpec> layers) implements ShortcutSpec {
    public LayeredShortcut {
        layers = List.copyOf(layers);
        Check.that(!layers.isEmpty(), "layers must not be empty; use identity");
    }

    @Override
    public ShortcutSpec withLayers(UnaryOperator<LayerSpec> change) {
        return new LayeredShortcut(layers.stream().map(change).toList());
    }

    @Override
    public Layer newBlock(Shape input, Shape output) {
        return Build.child("shortcut", new Sequential("", layers), input);
    }
}
