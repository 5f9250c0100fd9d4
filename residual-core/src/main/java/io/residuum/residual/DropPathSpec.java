package io.residuum.residual;

import io.residuum.nn.Layer;
import io.residuum.residual.DropPath.Mode;
import io.residuum.residual.DropPath.Rescale;
import io.residuum.residual.stream.SaveBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Shorthand;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import java.util.Locale;

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

    /** Returns the drop path of a branch, which must run in every step to save states. */
    DropPath toDropPath(Layer branch) {
        if (rate > 0 && mode != Mode.SAMPLE) {
            branch.walk(
                    (path, layer) ->
                            Check.that(
                                    !(layer instanceof SaveBlock),
                                    "dropPath.mode must be sample for a branch that saves a state,"
                                            + " got %s: other modes skip the branch",
                                    mode.name().toLowerCase(Locale.ROOT)));
        }
        return new DropPath(rate, mode, rescale);
    }
}
