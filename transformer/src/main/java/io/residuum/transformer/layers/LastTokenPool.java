package io.residuum.transformer.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The last position of each sequence that is not padding, {@code (N, T, C) -> (N, C)}. A causal
 * model has read the whole text there. The side input {@value LastTokenPoolBlock#MASK} {@code (N,
 * T)} is 1 for tokens and 0 for padding on either side; without it the last position is taken. A
 * sequence of padding alone gives its first position.
 */
@TypeName("lastTokenPool")
public record LastTokenPool(@Default("\"\"") String name) implements LayerSpec {

    @Override
    public Layer newBlock(Shape input) {
        return new LastTokenPoolBlock(input);
    }
}
