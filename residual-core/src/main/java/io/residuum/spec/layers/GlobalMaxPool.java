package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.pool.GlobalPoolBlock;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The maximum over all positions: {@code (N, C, H, W) -> (N, C)} or {@code (N, T, C) -> (N, C)}.
 */
@TypeName("globalMaxPool")
public record GlobalMaxPool(@Default("\"\"") String name) implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new GlobalPoolBlock(input, true);
    }
}
