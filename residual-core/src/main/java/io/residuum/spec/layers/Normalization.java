package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * A norm as a layer.
 *
 * @param norm the norm. Default: batch
 */
@TypeName("norm")
public record Normalization(@Default("\"\"") String name, @Default("\"batch\"") NormSpec norm)
        implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return norm.newBlock(input);
    }
}
