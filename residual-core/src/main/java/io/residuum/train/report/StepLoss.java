package io.residuum.train.report;

/**
 * The loss of one training step.
 *
 * @param step counted from 1 through the whole run
 * @param loss of the step's batch
 * @param learningRate of the step
 */
public record StepLoss(int step, double loss, double learningRate) {}
