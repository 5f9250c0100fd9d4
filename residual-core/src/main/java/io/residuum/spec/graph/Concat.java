package io.residuum.spec.graph;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Default;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Joins inputs along an axis.
 *
 * @param axis the axis, where the batch is 0; null for the channels. Default: null
 */
@TypeName("concat")
public record Concat(@Default("\"\"") String name, @Nullable Integer axis)
        implements SeveralInputs {

    @Override
    public Layer newBlock(List<Shape> inputs) {
        SeveralInputs.requireSeveral(inputs);
        return new ConcatBlock(axis == null ? Shapes.channelAxis(inputs.get(0)) : axis, inputs);
    }
}
