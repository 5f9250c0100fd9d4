package io.residuum.residual.stream;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.Names;

/**
 * Attention over depth at each position: a softmax of {@code q . norm(s)} weighs the saved states
 * and the input, where q is a learned query (Kimi Team 2026, "Attention Residuals",
 * arXiv:2603.15031). It starts at 0, so that the result starts as the mean. Parameter: {@code query
 * (C)}.
 *
 * @param of the names of the states, one or more
 * @param eps added to the mean square by the RMS norm. Default: 1e-6
 */
@TypeName("attend")
public record Attend(@Default("\"\"") String name, Names of, @Default("1e-6") double eps)
        implements ReadSpec {
    public Attend {
        Average.requireStates(of);
        Check.positive("eps", eps);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new AttendBlock(input, of.all(), eps);
    }
}
