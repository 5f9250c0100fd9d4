package io.residuum.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.spec.Check;
import io.residuum.spec.SpecException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Keeps trained parameters on their constraints. Call it while nothing is recorded. */
public final class Constraints {
    private record Constrained(String path, NDArray value, ConstraintSpec constraint) {}

    private final Ops ops;
    private final List<Constrained> all = new ArrayList<>();

    /**
     * Finds the parameters.
     *
     * @param trained its trainable parameters
     * @param constraints the constraints; of several for one parameter all apply, in order
     * @throws SpecException if a pattern matches no parameter, or a constraint does not fit the
     *     shape of one
     */
    public Constraints(
            Network network, ParameterGroups trained, List<WeightConstraint> constraints) {
        ops = network.backend().ops();
        for (WeightConstraint one : constraints) {
            Set<String> paths = network.parameters(one.pattern()).keySet();
            for (ParameterGroups.Trained parameter : trained.all()) {
                if (paths.contains(parameter.path())) {
                    one.constraint().require(parameter.path(), parameter.value().getShape());
                    all.add(new Constrained(parameter.path(), parameter.value(), one.constraint()));
                }
            }
        }
    }

    /**
     * Moves initial values to the constraints.
     *
     * @param scratch the manager of intermediate arrays
     * @throws SpecException if a value is all zeros, and no array of the set is nearest to it
     */
    public void start(NDManager scratch) {
        for (Constrained one : all) {
            Check.that(
                    one.constraint.acceptsZeros() || !isZero(one.value, scratch),
                    "a weight under %s must not start as zeros, got %s: initialize it otherwise, or"
                            + " leave it out of the pattern",
                    one.constraint,
                    one.path);
        }
        applyFar(scratch);
    }

    private static boolean isZero(NDArray value, NDManager scratch) {
        return Values.floats(ParameterGroups.in(scratch, value.abs().max()))[0] == 0;
    }

    /**
     * Moves values back to the constraints after an update.
     *
     * @param scratch the manager of intermediate arrays
     */
    public void apply(NDManager scratch) {
        all.forEach(one -> project(one.value, one.constraint, scratch));
    }

    /**
     * Moves values to the constraints that may be far from them, such as averages.
     *
     * @param scratch the manager of intermediate arrays
     */
    public void applyFar(NDManager scratch) {
        all.forEach(one -> project(one.value, one.constraint.atStart(), scratch));
    }

    private void project(NDArray value, ConstraintSpec constraint, NDManager scratch) {
        NDArray copy = ParameterGroups.in(scratch, value.duplicate());
        constraint.project(ops, copy).copyTo(value);
    }
}
