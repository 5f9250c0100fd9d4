package io.residuum.train.report;

/**
 * The loss of one training step.
 *
 * @param step the step, from 1 over the complete run
 * @param loss the loss of the step's batch
 * @param learningRate the learning rate of the step
 */
public record StepLoss(int step, double loss, double learningRate) {}
