package io.residuum.spec.graph;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import java.util.List;

/**
 * The mean of inputs of one shape. Training drops some of them for each batch, as FractalNet does
 * (Larsson et al. 2016, arXiv:1605.07648, Sections 3 and 3.1).
 *
 * @param name its name. Default: empty
 * @param dropPath the probability of dropping an input, in [0, 1); one always stays. Default: 0
 * @param global the probability that all means of the network keep one and the same column alone,
 *     in [0, 1]. Default: 0
 * @param columns the number of columns; the inputs are its last ones. 0 for the number of inputs.
 *     Default: 0
 */
@TypeName("mean")
public record Mean(
        @Default("\"\"") String name,
        @Default("0.0") double dropPath,
        @Default("0.0") double global,
        @Default("0") int columns)
        implements SeveralInputs {
    public Mean {
        Check.rate("dropPath", dropPath);
        Check.that(global >= 0 && global <= 1, "global must be in [0, 1], got %s", global);
        Check.notNegative("columns", columns);
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        SeveralInputs.requireSeveral(inputs);
        Check.that(
                columns == 0 || columns >= inputs.size(),
                "columns must be at least the number of inputs, got %s and %s inputs",
                columns,
                inputs.size());
        int all = columns == 0 ? inputs.size() : columns;
        return new MeanBlock(inputs, new MeanBlock.Drop(dropPath, global, all));
    }
}
