package io.residuum.train.callback;

import java.util.Map;

/**
 * Code that a training run calls. It may stop the run, change the learning rate and log lines
 * through {@link TrainingControl}. A {@link CallbackSpec} gives it a name in JSON.
 *
 * <p>A run resumes after its last finished epoch. For the resumed run to end with the same weights,
 * decisions must depend only on the events and on {@link #state}, which the checkpoint of each
 * epoch saves. All methods run in the thread of training, which waits for them.
 */
public interface Callback {

    /**
     * Called once when a process starts or resumes training, after {@link #restore}.
     *
     * @param training the run
     * @param epochsDone the number of epochs that are done
     */
    default void trainingBegins(TrainingControl training, int epochsDone) {}

    /**
     * Called before the first step of an epoch.
     *
     * @param training the run
     * @param epoch the epoch, counted from 1
     */
    default void epochBegins(TrainingControl training, int epoch) {}

    /**
     * Called after an update of the parameters.
     *
     * @param training the run
     */
    default void stepEnds(TrainingControl training, StepEnd step) {}

    /**
     * Called after an epoch is evaluated and before its checkpoint is written.
     *
     * @param training the run
     * @param epoch the epoch with its measures
     */
    default void epochEnds(TrainingControl training, EpochEnd epoch) {}

    /**
     * Called once when this process stops training, also after a failure. Closes what {@link
     * #trainingBegins} opened.
     */
    default void trainingEnds() {}

    /**
     * {@return the state to keep from epoch to epoch, finite numbers by name; the checkpoint saves
     * them. Default: none}
     */
    default Map<String, Double> state() {
        return Map.of();
    }

    /**
     * Restores what {@link #state} returned after the last finished epoch.
     *
     * @param state the numbers by name
     */
    default void restore(Map<String, Double> state) {}
}
