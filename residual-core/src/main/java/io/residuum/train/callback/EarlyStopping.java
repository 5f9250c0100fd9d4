package io.residuum.train.callback;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.Defaults;

/**
 * Ends training if a measure stops improving (Prechelt 1998). The saved model is the best epoch's
 * in any case.
 *
 * @param monitor the name of the measure in {@link EpochEnd#measures}. Default: validationLoss
 * @param patience the number of epochs without improvement after which training ends, positive.
 *     Default: 5
 * @param minimumChange a smaller change is no improvement. Default: 0
 * @param goal the better direction. Default: auto, maximize for accuracy and the like
 */
@TypeName("earlyStopping")
public record EarlyStopping(
        @Default("\"validationLoss\"") String monitor,
        @Default("5") int patience,
        @Default("0.0") double minimumChange,
        @Default("\"auto\"") Goal goal)
        implements CallbackSpec {

    public EarlyStopping {
        Plateau.check(monitor, patience, minimumChange);
    }

    /**
     * {@return early stopping on the validation loss}
     *
     * @param patience the number of epochs without improvement, positive
     */
    public static EarlyStopping of(int patience) {
        EarlyStopping usual = Defaults.of(EarlyStopping.class);
        return new EarlyStopping(usual.monitor, patience, usual.minimumChange, usual.goal);
    }

    @Override
    public Callback newCallback() {
        Plateau plateau = new Plateau("earlyStopping", monitor, goal, minimumChange);
        return plateau.callback(
                (training, epoch) -> {
                    int waited = plateau.read(epoch);
                    if (waited >= patience) {
                        training.stop(
                                "early stopping after epoch %d: %d without a better value than the %s"
                                        .formatted(epoch.epoch(), waited, plateau.best()));
                    }
                });
    }
}
