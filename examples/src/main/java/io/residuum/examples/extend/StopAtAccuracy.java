package io.residuum.examples.extend;

import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import io.residuum.train.callback.Callback;
import io.residuum.train.callback.CallbackSpec;
import io.residuum.train.callback.EpochEnd;
import io.residuum.train.callback.TrainingControl;

/**
 * A callback: ends training at an accuracy on the validation data.
 *
 * @param accuracy the accuracy, in [0, 1]. Default: 0.99
 */
@TypeName("stopAtAccuracy")
@Doc("Ends training at an accuracy on the validation data.")
public record StopAtAccuracy(@Default("0.99") double accuracy) implements CallbackSpec {
    @Override
    public Callback newCallback() {
        return new Callback() {
            @Override
            public void epochEnds(TrainingControl training, EpochEnd epoch) {
                Double reached = epoch.measures().get(EpochEnd.VALIDATION_ACCURACY);
                if (reached != null && reached >= accuracy) {
                    training.stop("accuracy %.4f in epoch %d".formatted(reached, epoch.epoch()));
                }
            }
        };
    }
}
