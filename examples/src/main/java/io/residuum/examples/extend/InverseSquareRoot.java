package io.residuum.examples.extend;

import io.residuum.optim.ScheduleSpec;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;

/**
 * A schedule: the inverse square root of the epochs since the warmup (Vaswani et al. 2017).
 *
 * @param halfLife the epochs in which the rate falls by the square root of 2. Default: 1
 */
@TypeName("inverseSquareRoot")
@Doc("Falls with the inverse square root of the epochs.")
public record InverseSquareRoot(@Default("1.0") double halfLife) implements ScheduleSpec {
    @Override
    public double factor(double at, double from, double epochs) {
        return 1 / Math.sqrt(1 + (at - from) / halfLife);
    }

    @Override
    public boolean dependsOnEpochs() {
        return false;
    }
}
