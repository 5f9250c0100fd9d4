package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;

/**
 * An activation as a layer of its own.
 *
 * @param name its name. Default: empty
 * @param function which. Default: relu
 */
@TypeName("activation")
@Doc("An activation as a layer.")
public record Activation(@Default("\"\"") String name, @Default("\"relu\"") ActivationSpec function)
        implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return function.newBlock(input);
    }
}
