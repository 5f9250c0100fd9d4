package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * An activation as a layer.
 *
 * @param function the activation. Default: relu
 */
@TypeName("activation")
public record Activation(@Default("\"\"") String name, @Default("\"relu\"") ActivationSpec function)
        implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return function.newBlock(input);
    }
}
