package io.residuum.optim;

/**
 * A constraint on some parameters. Training moves them to the nearest values that satisfy it, at
 * the start and after each update. Averages of the weights move there before they are evaluated and
 * saved.
 *
 * @param pattern selects the parameters, as in {@link io.residuum.model.Network#freeze}. Frozen
 *     ones do not change
 * @param constraint the constraint
 */
public record WeightConstraint(String pattern, ConstraintSpec constraint) {}
