package io.residuum.residual;

import io.residuum.residual.DropPath.Mode;
import io.residuum.residual.DropPath.Rescale;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.Shorthand;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;

/**
 * Stochastic depth for one unit (Huang et al. 2016). In JSON a number is a rate.
 *
 * @param rate the probability of dropping the branch, in [0, 1). Default: 0
 * @param mode {@code sample} drops single samples and computes all, {@code kept-samples} drops
 *     single samples and skips their computation, {@code batch} drops and skips the complete batch.
 *     Default: sample
 * @param rescale the mode in which the branch is rescaled: {@code training} (timm), {@code
 *     evaluation} (the paper) or {@code never}. Default: training
 */
@WithBuilder
@Doc("Stochastic depth for one unit: Huang et al. 2016. A number is a rate.")
public record DropPathSpec(
        @Default("0.0") double rate,
        @Default("\"sample\"") Mode mode,
        @Default("\"training\"") Rescale rescale)
        implements DropPathSpecBuilder.With {

    /** No drop path. */
    public static final DropPathSpec NONE = Defaults.of(DropPathSpec.class);

    public DropPathSpec {
        Check.rate("rate", rate);
    }

    /**
     * {@return a drop path of samples, rescaled in training}
     *
     * @param rate the probability of dropping, in [0, 1)
     */
    @Shorthand
    public static DropPathSpec of(double rate) {
        Check.rate("dropPath", rate);
        return Defaults.of(DropPathSpec.class).withRate(rate);
    }

    DropPath toDropPath() {
        return new DropPath(rate, mode, rescale);
    }
}
