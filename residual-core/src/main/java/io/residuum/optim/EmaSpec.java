package io.residuum.optim;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Shorthand;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;

/**
 * An exponential moving average of weights and buffers (Polyak and Juditsky 1992). Evaluation and
 * the saved model use the average. In JSON a number is a decay.
 *
 * @param decay the factor of the old average in each update, in [0, 1). Default: 0.999
 * @param warmup true to limit the decay of update t to {@code (1 + t) / (10 + t)}, so that the
 *     random initial weights fade quickly. Default: true
 */
@WithBuilder
public record EmaSpec(@Default("0.999") double decay, @Default("true") boolean warmup)
        implements EmaSpecBuilder.With {
    public EmaSpec {
        Check.rate("decay", decay);
    }

    /**
     * {@return an average with warmup}
     *
     * @param decay the factor of the old average in each update, in [0, 1)
     */
    @Shorthand
    public static EmaSpec of(double decay) {
        return Defaults.of(EmaSpec.class).withDecay(decay);
    }

    /** {@return the factor of the old average in an update, counted from 1} */
    public double decayAt(long update) {
        return warmup ? Math.min(decay, (1.0 + update) / (10.0 + update)) : decay;
    }
}
