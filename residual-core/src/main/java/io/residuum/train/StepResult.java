package io.residuum.train;

/**
 * The result of one forward and backward pass.
 *
 * @param samples the number of images, tokens or texts
 * @param labels the number of labels that are not ignored
 * @param loss the mean loss per label
 * @param correct the number of labels that are the most likely class; for mixed images, the label
 *     of the first image counts
 */
public record StepResult(int samples, int labels, double loss, int correct) {}
