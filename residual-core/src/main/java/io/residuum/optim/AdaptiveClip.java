package io.residuum.optim;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Shorthand;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import java.util.List;

/**
 * Adaptive gradient clipping (Brock et al. 2021, arXiv:2102.06171, Equation 3): bounds the norm of
 * each row of a gradient, or filter, by the norm of the row of the parameter. A parameter of rank 0
 * or 1 is one row. In JSON a number is a factor.
 *
 * @param factor the largest ratio of the norms, positive. Default: 0.01
 * @param eps the least norm of a parameter, so that zeros can be trained, positive. Default: 1e-3
 * @param exclude patterns of the parameters that are not clipped, as in {@link
 *     io.residuum.model.Network#freeze}: in the paper those of the last linear layer. Default: none
 */
@WithBuilder
public record AdaptiveClip(
        @Default("0.01") double factor,
        @Default("1.0e-3") double eps,
        @Default("[]") List<String> exclude)
        implements AdaptiveClipBuilder.With {
    public AdaptiveClip {
        Check.positive("factor", factor);
        Check.positive("eps", eps);
        exclude = List.copyOf(exclude);
    }

    /**
     * {@return a clipping of all parameters}
     *
     * @param factor the largest ratio of the norms, positive
     */
    @Shorthand
    public static AdaptiveClip of(double factor) {
        return Defaults.of(AdaptiveClip.class).withFactor(factor);
    }
}
