package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.norm.RootMeanSquareBlock;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The root mean square of the channels at each position, {@code (N, T, C) -> (N, T, 1)}. In a graph
 * it gives a value the magnitude of another one, as the streams of Gemma 3n have.
 */
@TypeName("rootMeanSquare")
public record RootMeanSquare(@Default("\"\"") String name) implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new RootMeanSquareBlock(input);
    }
}
