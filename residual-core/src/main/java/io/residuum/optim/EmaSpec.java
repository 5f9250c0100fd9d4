package io.residuum.optim;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.Shorthand;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;

/**
 * An exponential moving average of weights and buffers (Polyak and Juditsky 1992), which is what is
 * evaluated and saved as the model. In JSON a number is a decay.
 *
 * @param decay the share of the average that each update keeps, in [0, 1). Default: 0.999
 * @param warmup whether update t keeps at most {@code (1 + t) / (10 + t)}, so that the random start
 *     is soon forgotten. Default: true
 */
@WithBuilder
@Doc("An exponential moving average of the weights. A number is a decay.")
public record EmaSpec(@Default("0.999") double decay, @Default("true") boolean warmup)
        implements EmaSpecBuilder.With {
    public EmaSpec {
        Check.rate("decay", decay);
    }

    /**
     * An average with warmup.
     *
     * @param decay as in the record
     * @return the setting
     */
    @Shorthand
    public static EmaSpec of(double decay) {
        return Defaults.of(EmaSpec.class).withDecay(decay);
    }

    /** The share kept by update t, counted from 1. */
    public double decayAt(long update) {
        return warmup ? Math.min(decay, (1.0 + update) / (10.0 + update)) : decay;
    }
}
