package io.residuum.train;

/**
 * Receives the progress of training. It is called in the thread of training, which waits for it.
 */
public interface ProgressListener {

    /** Ignores everything. */
    ProgressListener NONE = new ProgressListener() {};

    /**
     * Called when training begins or resumes.
     *
     * @param epochsDone the number of epochs that an earlier run has done
     * @param epochs the total number of epochs
     * @param stepsPerEpoch the updates in an epoch
     */
    default void started(int epochsDone, int epochs, int stepsPerEpoch) {}

    /** Called after an update. */
    default void step(Progress progress) {}

    /**
     * Called after an epoch's training, before the evaluation.
     *
     * @param epoch the epoch, counted from 1
     * @param samples the number of images, tokens or texts of the validation data
     */
    default void evaluating(int epoch, long samples) {}

    /**
     * Called after the last epoch, before the evaluation of the chosen network on the test data.
     *
     * @param samples the number of images, tokens or texts of the test data
     */
    default void testing(long samples) {}

    /**
     * Called when an epoch is evaluated and saved.
     *
     * @param best true if it is the best epoch so far on the validation data, or if there is none
     */
    default void epoch(Metrics.Epoch metrics, boolean best) {}

    /**
     * Called after {@link #epoch} for each text that the network generated.
     *
     * @param epoch the epoch, counted from 1
     */
    default void sample(int epoch, String text) {}

    /**
     * Called with a line that a {@link io.residuum.train.callback.Callback} logs, such as the
     * reason for ending the run.
     */
    default void log(String line) {}

    /**
     * Called if something is not done as requested and training continues.
     *
     * @param line the reason
     */
    default void note(String line) {}

    /**
     * The progress within an epoch.
     *
     * @param epoch the epoch, counted from 1
     * @param step the updates in this epoch, counted from 1
     * @param steps the number of updates in this epoch
     * @param loss the mean loss over the labels of this epoch so far. It may lack the last update,
     *     so it is NaN at first
     * @param accuracy the accuracy on the same labels, in [0, 1]; NaN without classes
     * @param learningRate the learning rate of this update
     * @param samplesPerSecond images, tokens or texts per second in this epoch so far
     * @param secondsLeft the estimated time to the end of training, without evaluations
     */
    record Progress(
            int epoch,
            int step,
            int steps,
            double loss,
            double accuracy,
            double learningRate,
            double samplesPerSecond,
            double secondsLeft) {}
}
