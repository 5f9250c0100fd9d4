package io.residuum.residual.stream;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.Names;
import java.util.List;

/**
 * A learned weighted sum of the input and saved states: {@code w_0 x + w_1 s_1 + ...}, the
 * depth-weighted average of DenseFormer (Pagliardini et al. 2024, arXiv:2402.02622, Section 3),
 * value residuals (Zhou et al. 2024, arXiv:2410.17897) and skips across depth. Parameter: {@code
 * weight}, of the input and then of the states.
 *
 * <p>With {@code hidden} the weights depend on the input at each position, {@code w(x) = weight + V
 * gelu(U norm(x))}: the dynamic dense connections of MUDD (Xiao et al. 2025, arXiv:2502.12170,
 * Section 3.2). V starts at 0. Further parameters: {@code inner (hidden, C)} and {@code outer (k,
 * hidden)}.
 *
 * @param of the names of the states, one or more
 * @param init the weights at the start, of the input and then of the states. Default: 1 for the
 *     input and 0 for the states
 * @param hidden the hidden width of the map from the input to the weights; 0 for equal weights at
 *     all positions. Default: 0
 */
@TypeName("average")
public record Average(
        @Default("\"\"") String name,
        Names of,
        @Default("[]") List<Double> init,
        @Default("0") int hidden)
        implements ReadSpec {
    public Average {
        init = List.copyOf(init);
        requireStates(of);
        Check.that(
                init.isEmpty() || init.size() == of.all().size() + 1,
                "init must have a number for the input and for each of the %s states, got %s",
                of.all().size(),
                init.size());
        init.forEach(v -> Check.finite("init", v));
        Check.notNegative("hidden", hidden);
    }

    /**
     * Creates a sum with equal weights at all positions.
     *
     * @param name its name; may be empty
     * @param of the names of the states
     * @param init the weights at the start; empty for 1 and zeros
     */
    public Average(String name, Names of, List<Double> init) {
        this(name, of, init, 0);
    }

    /**
     * {@return an unnamed sum that starts as its input}
     *
     * @param of the names of the states
     */
    public static Average of(List<String> of) {
        return new Average("", new Names(of), List.of());
    }

    static void requireStates(Names of) {
        Check.that(!of.all().isEmpty(), "of must name one or more saved states, got none");
    }

    @Override
    public Layer newBlock(Shape input) {
        return new AverageBlock(input, of.all(), init, hidden);
    }
}
