package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.FlattenBlock;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

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
