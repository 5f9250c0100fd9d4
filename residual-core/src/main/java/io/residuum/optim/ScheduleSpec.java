package io.residuum.optim;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import java.util.List;

/**
 * A learning-rate schedule after the warmup, as a factor of the recipe's learning rate. This type
 * is open: a {@link io.residuum.spec.RecordProvider} registers other records for JSON.
 */
public interface ScheduleSpec {

    /**
     * {@return the factor of the learning rate at a point of the training}
     *
     * @param at the number of epochs done, with fractions
     * @param from the number of warmup epochs, after which the schedule begins
     * @param epochs the number of all epochs, with a fraction if the recipe fixes the steps
     */
    double factor(double at, double from, double epochs);

    /**
     * {@return true if the factor at an epoch depends on the number of all epochs; such a run
     * cannot be extended as if it had been longer from the start}
     */
    boolean dependsOnEpochs();

    /** A constant learning rate. */
    @TypeName("constant")
    @Doc("A constant learning rate.")
    record Constant() implements ScheduleSpec {
        @Override
        public double factor(double at, double from, double epochs) {
            return 1;
        }

        @Override
        public boolean dependsOnEpochs() {
            return false;
        }
    }

    /**
     * Multiplies the rate by gamma at each milestone (He et al. 2015, Section 4.2: at a half and
     * three quarters).
     *
     * @param milestones ascending; below 1 a share of all epochs, from 1 a number of epochs.
     *     Default: [0.5, 0.75]
     * @param gamma the factor, in (0, 1]. Default: 0.1
     */
    @TypeName("step")
    @Doc("Multiplies the learning rate by gamma at each milestone.")
    record Step(@Default("[0.5, 0.75]") List<Double> milestones, @Default("0.1") double gamma)
            implements ScheduleSpec {
        public Step {
            milestones = List.copyOf(milestones);
            for (int i = 0; i < milestones.size(); i++) {
                double m = milestones.get(i);
                Check.that(
                        m > 0 && Double.isFinite(m) && (i == 0 || m > milestones.get(i - 1)),
                        "milestones must be positive and ascending (below 1: shares of all epochs),"
                                + " got %s",
                        milestones);
            }
            Check.that(gamma > 0 && gamma <= 1, "gamma must be in (0, 1], got %s", gamma);
        }

        @Override
        public double factor(double at, double from, double epochs) {
            long reached = milestones.stream().filter(m -> at >= (m < 1 ? m * epochs : m)).count();
            return Math.pow(gamma, reached);
        }

        @Override
        public boolean dependsOnEpochs() {
            return milestones.stream().anyMatch(m -> m < 1);
        }
    }

    /**
     * Half a cosine from the full rate to a final rate (Loshchilov and Hutter 2017, Equation 5,
     * without restarts).
     *
     * @param finalFactor the final rate as a share of the full rate, in [0, 1]. Default: 0
     */
    @TypeName("cosine")
    @Doc("Half a cosine from the full learning rate to a final one.")
    record Cosine(@Default("0.0") double finalFactor) implements ScheduleSpec {
        public Cosine {
            Check.that(
                    finalFactor >= 0 && finalFactor <= 1,
                    "finalFactor must be in [0, 1], got %s",
                    finalFactor);
        }

        @Override
        public double factor(double at, double from, double epochs) {
            double done = Math.min(1, (at - from) / Math.max(epochs - from, Double.MIN_NORMAL));
            return finalFactor + (1 - finalFactor) * (1 + Math.cos(Math.PI * done)) / 2;
        }

        @Override
        public boolean dependsOnEpochs() {
            return true;
        }
    }
}
