package io.residuum.spec.graph;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import java.util.List;

/**
 * Multiplies inputs element by element. A dimension of 1 is repeated to fit the others.
 *
 * @param name its name. Default: empty
 */
@TypeName("multiply")
public record Multiply(@Default("\"\"") String name) implements SeveralInputs {
    @Override
    public Layer newBlock(List<Shape> inputs) {
        SeveralInputs.requireSeveral(inputs);
        return JoinBlock.product(inputs);
    }
}
