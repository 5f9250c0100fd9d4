package io.residuum.train.callback;

import io.residuum.model.Network;
import java.nio.file.Path;

/** A running training as a {@link Callback} sees it. */
public interface TrainingControl {

    /**
     * Ends training. In a step, the epoch ends after this step; before an epoch, after its first
     * step. The epoch is evaluated and saved in all cases, and the run counts as finished.
     *
     * @param reason the reason in words, which is logged and saved
     */
    void stop(String reason);

    /** {@return the factor of the learning rate, on top of the schedule; 1 at first} */
    double learningRateFactor();

    /**
     * Sets the factor of the learning rate, from the next update to the end of the run.
     *
     * @param factor the factor, positive or 0
     */
    void setLearningRateFactor(double factor);

    /** Shows a line to the user. */
    void log(String line);

    /** {@return the network, to be read only} */
    Network network();

    /** {@return the run folder} */
    Path folder();
}
