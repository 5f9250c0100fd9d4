package io.residuum.train.callback;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;

/**
 * Reduces the learning rate if a measure stops improving. Use it with a constant schedule.
 *
 * @param monitor the name of the measure in {@link EpochEnd#measures}. Default: validationLoss
 * @param factor multiplies the learning rate, in (0, 1). Default: 0.1
 * @param patience the number of epochs without improvement after which the rate is reduced, and
 *     then again, positive. Default: 10
 * @param minimumChange a smaller change is no improvement. Default: 0
 * @param minimumFactor the smallest share of the schedule's learning rate, in [0, 1). Default: 0
 * @param goal the better direction. Default: auto, maximize for accuracy and the like
 */
@TypeName("reduceOnPlateau")
public record ReduceOnPlateau(
        @Default("\"validationLoss\"") String monitor,
        @Default("0.1") double factor,
        @Default("10") int patience,
        @Default("0.0") double minimumChange,
        @Default("0.0") double minimumFactor,
        @Default("\"auto\"") Goal goal)
        implements CallbackSpec {

    public ReduceOnPlateau {
        Plateau.check(monitor, patience, minimumChange);
        Check.that(factor > 0 && factor < 1, "factor must be in (0, 1), got %s", factor);
        Check.rate("minimumFactor", minimumFactor);
    }

    @Override
    public Callback newCallback() {
        Plateau plateau = new Plateau("reduceOnPlateau", monitor, goal, minimumChange);
        return plateau.callback(
                (training, epoch) -> {
                    if (plateau.read(epoch) < patience) {
                        return;
                    }
                    plateau.restart();
                    double before = training.learningRateFactor();
                    double reduced = Math.max(before * factor, minimumFactor);
                    if (reduced < before) {
                        training.setLearningRateFactor(reduced);
                        training.log(
                                "learning rate x %.3g after epoch %d: no better value than the %s"
                                        .formatted(reduced, epoch.epoch(), plateau.best()));
                    }
                });
    }
}
