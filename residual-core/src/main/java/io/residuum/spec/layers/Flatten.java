package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.spatial.FlattenBlock;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/** Flattens each sample: {@code (N, ...) -> (N, size)}. */
@TypeName("flatten")
public record Flatten(@Default("\"\"") String name) implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new FlattenBlock(input);
    }
}
