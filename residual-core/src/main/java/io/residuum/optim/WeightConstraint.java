package io.residuum.optim;

import io.residuum.spec.Doc;

/**
 * A constraint on some parameters. Training moves them to the nearest values that satisfy it, at
 * the start and after each update. The moving average of the weights is not constrained.
 *
 * @param pattern selects the parameters, as in {@link io.residuum.model.Network#freeze}. Frozen
 *     ones do not change
 * @param constraint the constraint
 */
@Doc("A constraint that training keeps some parameters in.")
public record WeightConstraint(String pattern, ConstraintSpec constraint) {}
