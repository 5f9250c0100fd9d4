package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;

/**
 * A norm as a layer of its own.
 *
 * @param name its name. Default: empty
 * @param norm which. Default: batch
 */
@TypeName("norm")
@Doc("A norm as a layer.")
public record Normalization(@Default("\"\"") String name, @Default("\"batch\"") NormSpec norm)
        implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return norm.newBlock(input);
    }
}
