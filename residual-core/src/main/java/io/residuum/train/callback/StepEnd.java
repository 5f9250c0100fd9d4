package io.residuum.train.callback;

/**
 * A finished update.
 *
 * @param epoch the epoch, counted from 1
 * @param step the updates in this epoch, counted from 1
 * @param steps the number of updates in this epoch
 * @param updates the updates since the run began
 * @param loss the mean training loss over the labels of this epoch so far. It may lack the last
 *     update, so it is NaN at first
 * @param learningRate the learning rate of this update
 */
public record StepEnd(
        int epoch, int step, int steps, long updates, double loss, double learningRate) {}
