package io.residuum.train;

/**
 * Is told how a training goes on, in the training's own thread: what it does, training waits for.
 */
public interface ProgressListener {

    /** Hears nothing. */
    ProgressListener NONE = new ProgressListener() {};

    /**
     * Training begins or goes on.
     *
     * @param epochsDone how many epochs an earlier run has done
     * @param epochs how many there will be in all
     * @param stepsPerEpoch updates an epoch
     */
    default void started(int epochsDone, int epochs, int stepsPerEpoch) {}

    /**
     * An update has been made.
     *
     * @param progress where training is
     */
    default void step(Progress progress) {}

    /**
     * An epoch's training is done and the evaluation begins.
     *
     * @param epoch counted from 1
     * @param samples how many images, tokens or texts will be evaluated
     */
    default void evaluating(int epoch, long samples) {}

    /**
     * An epoch is done and saved.
     *
     * @param metrics what was measured
     * @param best whether it is the best epoch so far
     */
    default void epoch(Metrics.Epoch metrics, boolean best) {}

    /**
     * The network has made something after an epoch, which {@link #epoch} has told of.
     *
     * @param epoch counted from 1
     * @param text what it wrote
     */
    default void sample(int epoch, String text) {}

    /**
     * Something is not done as asked, and training goes on.
     *
     * @param line why
     */
    default void note(String line) {}

    /**
     * Where training is.
     *
     * @param epoch counted from 1
     * @param step updates in this epoch, counted from 1
     * @param steps all updates of this epoch
     * @param loss mean over the labels of this epoch so far; the last update's are not yet known,
     *     so NaN at first
     * @param accuracy likewise, in [0, 1]
     * @param learningRate of this update
     * @param samplesPerSecond images, tokens or texts a second of this epoch so far
     * @param secondsLeft until the end of the training, evaluations not counted
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
