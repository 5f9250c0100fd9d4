package io.residuum.spec.graph;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.composite.JoinBlock;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import java.util.List;

/**
 * Adds inputs element by element. A dimension of 1 is repeated to fit the others.
 *
 * @param name its name. Default: empty
 */
@TypeName("add")
@Doc("The sum of inputs, element by element; a dimension of 1 is repeated.")
public record Add(@Default("\"\"") String name) implements SeveralInputs {
    @Override
    public Layer newBlock(List<Shape> inputs) {
        return new JoinBlock(JoinBlock.Join.ADD, inputs);
    }
}
