package io.residuum.train;

/**
 * What one forward and backward pass came to.
 *
 * @param samples how many
 * @param loss the mean loss of a sample
 * @param correct how many samples had their label as the most likely class; with mixed images, the
 *     label of the one that was there first
 */
public record StepResult(int samples, double loss, int correct) {}
