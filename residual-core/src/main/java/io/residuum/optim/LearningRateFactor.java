package io.residuum.optim;

import io.residuum.spec.Check;
import io.residuum.spec.Doc;

/**
 * A learning rate of their own for some parameters.
 *
 * @param pattern which, as in {@link io.residuum.model.Network#freeze}
 * @param factor times the learning rate, positive; {@link io.residuum.train.Recipe#freeze} is for
 *     none at all
 */
@Doc("A learning rate of their own for some parameters.")
public record LearningRateFactor(String pattern, double factor) {
    public LearningRateFactor {
        Check.that(
                factor > 0 && Double.isFinite(factor),
                "factor must be positive, got %s: to train nothing of it, freeze the pattern",
                factor);
    }
}
