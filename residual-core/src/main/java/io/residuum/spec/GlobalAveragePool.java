package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.GlobalPoolBlock;
import io.residuum.nn.Layer;

/**
 * The mean over all positions: {@code (N, C, H, W) -> (N, C)} or {@code (N, T, C) -> (N, C)}.
 *
 * @param name its name. Default: empty
 */
@TypeName("globalAveragePool")
@Doc("The mean over all positions: (N, C, H, W) or (N, T, C) to (N, C).")
public record GlobalAveragePool(@Default("\"\"") String name) implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new GlobalPoolBlock(input, false);
    }
}
