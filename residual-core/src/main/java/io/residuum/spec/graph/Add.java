package io.residuum.spec.graph;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import java.util.List;

/**
 * Adds inputs element by element, each times a constant. A dimension of 1 is repeated to fit the
 * others.
 *
 * @param name its name. Default: empty
 * @param weights one factor per input, {@code [1, -1]} for a difference. Default: empty, 1
 */
@TypeName("add")
public record Add(@Default("\"\"") String name, @Default("[]") List<Double> weights)
        implements SeveralInputs {
    public Add {
        weights = List.copyOf(weights);
        weights.forEach(w -> Check.finite("weights", w));
    }

    /** Creates a sum without factors. */
    public Add(String name) {
        this(name, List.of());
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        Check.that(
                weights.isEmpty() || weights.size() == inputs.size(),
                "weights must have one factor for each of the %s inputs, got %s",
                inputs.size(),
                weights);
        if (weights.isEmpty()) {
            SeveralInputs.requireSeveral(inputs);
        }
        return JoinBlock.sum(inputs, weights);
    }
}
