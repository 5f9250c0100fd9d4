package io.residuum.transformer.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Sets the vectors of padding to zero, {@code (N, T, C) -> (N, T, C)}, so that a layer that mixes
 * neighbours does not read them. The side input {@code mask (N, T)} is 0 for padding. Without it
 * the input stays unchanged.
 */
@TypeName("maskTokens")
public record MaskTokens(@Default("\"\"") String name) implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new MaskTokensBlock(input);
    }
}
