package io.residuum.optim;

import io.residuum.spec.Check;

/**
 * A factor of the learning rate for some parameters.
 *
 * @param pattern selects the parameters, as in {@link io.residuum.model.Network#freeze}
 * @param factor multiplies the learning rate, positive; for 0 use {@link
 *     io.residuum.train.Recipe#freeze}
 */
public record LearningRateFactor(String pattern, double factor) {
    public LearningRateFactor {
        Check.that(
                factor > 0 && Double.isFinite(factor),
                "factor must be positive, got %s; to train none of them, freeze the pattern",
                factor);
    }
}
