package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.FlattenBlock;
import io.residuum.nn.Layer;

/**
 * All dimensions of a sample in one: {@code (N, ...) -> (N, size)}.
 *
 * @param name its name. Default: empty
 */
@TypeName("flatten")
@Doc("All dimensions of a sample in one.")
public record Flatten(@Default("\"\"") String name) implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new FlattenBlock(input);
    }
}
