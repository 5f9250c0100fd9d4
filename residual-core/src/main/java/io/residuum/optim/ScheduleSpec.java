package io.residuum.optim;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
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
    record Cosine(@Default("0.0") double finalFactor) implements ScheduleSpec {
        public Cosine {
            checkShare("finalFactor", finalFactor);
        }

        @Override
        public double factor(double at, double from, double epochs) {
            return finalFactor + (1 - finalFactor) * Curve.COSINE.at(done(at, from, epochs));
        }

        @Override
        public boolean dependsOnEpochs() {
            return true;
        }
    }

    /**
     * A power of the share of the training that is left, as PyTorch's {@code PolynomialLR}.
     *
     * @param power the power, positive; 1 for a line. Default: 1
     * @param finalFactor the final rate as a share of the full rate, in [0, 1]. Default: 0
     */
    @TypeName("polynomial")
    record Polynomial(@Default("1.0") double power, @Default("0.0") double finalFactor)
            implements ScheduleSpec {
        public Polynomial {
            Check.positive("power", power);
            checkShare("finalFactor", finalFactor);
        }

        @Override
        public double factor(double at, double from, double epochs) {
            double left = Math.pow(1 - done(at, from, epochs), power);
            return finalFactor + (1 - finalFactor) * left;
        }

        @Override
        public boolean dependsOnEpochs() {
            return true;
        }
    }

    /** A curve from 1 to 0. */
    enum Curve {
        /** A line. */
        LINEAR,
        /** Half a cosine. */
        COSINE,
        /** One minus the square root (Hägele et al. 2024, arXiv:2405.18392, Equation 1). */
        SQRT;

        double at(double done) {
            return switch (this) {
                case LINEAR -> 1 - done;
                case COSINE -> (1 + Math.cos(Math.PI * done)) / 2;
                case SQRT -> 1 - Math.sqrt(done);
            };
        }
    }

    /**
     * The full rate after the warmup, then a decay at the end (Hu et al. 2024, arXiv:2404.06395,
     * Section 4.1).
     *
     * @param decay the share of all epochs that the decay takes, in (0, 1]. Default: 0.2
     * @param curve the curve of the decay. Default: linear
     * @param finalFactor the final rate as a share of the full rate, in [0, 1]. Default: 0
     */
    @TypeName("warmupStableDecay")
    record WarmupStableDecay(
            @Default("0.2") double decay,
            @Default("\"linear\"") Curve curve,
            @Default("0.0") double finalFactor)
            implements ScheduleSpec {
        public WarmupStableDecay {
            Check.that(decay > 0 && decay <= 1, "decay must be in (0, 1], got %s", decay);
            checkShare("finalFactor", finalFactor);
        }

        @Override
        public double factor(double at, double from, double epochs) {
            double start = Math.max(from, epochs * (1 - decay));
            double done = Math.max(0, done(at, start, epochs));
            return finalFactor + (1 - finalFactor) * curve.at(done);
        }

        @Override
        public boolean dependsOnEpochs() {
            return true;
        }
    }

    /**
     * One rise to the full rate and one fall far below the start (Smith and Topin 2019,
     * arXiv:1708.07120), with the defaults of PyTorch's {@code OneCycleLR}. The momentum stays
     * constant. A warmup of the recipe comes before the cycle, so leave it out.
     *
     * @param rise the share of the cycle in which the rate rises, in (0, 1). Default: 0.3
     * @param startFactor the first rate as a share of the full rate, in [0, 1]. Default: 0.04
     * @param finalFactor the final rate as a share of the full rate, in [0, 1]. Default: 4e-6
     * @param curve the curve of the rise and the fall. Default: cosine
     */
    @TypeName("oneCycle")
    record OneCycle(
            @Default("0.3") double rise,
            @Default("0.04") double startFactor,
            @Default("4.0e-6") double finalFactor,
            @Default("\"cosine\"") Curve curve)
            implements ScheduleSpec {
        public OneCycle {
            Check.that(rise > 0 && rise < 1, "rise must be in (0, 1), got %s", rise);
            checkShare("startFactor", startFactor);
            checkShare("finalFactor", finalFactor);
        }

        @Override
        public double factor(double at, double from, double epochs) {
            double done = done(at, from, epochs);
            return done < rise
                    ? 1 + (startFactor - 1) * curve.at(done / rise)
                    : finalFactor + (1 - finalFactor) * curve.at((done - rise) / (1 - rise));
        }

        @Override
        public boolean dependsOnEpochs() {
            return true;
        }
    }

    /** Returns the share of the epochs after {@code from} that is done, at most 1. */
    private static double done(double at, double from, double epochs) {
        return Math.min(1, (at - from) / Math.max(epochs - from, Double.MIN_NORMAL));
    }

    private static void checkShare(String name, double value) {
        Check.that(value >= 0 && value <= 1, "%s must be in [0, 1], got %s", name, value);
    }
}
