package io.residuum.train;

/**
 * What one forward and backward pass came to.
 *
 * @param samples how many images, tokens or texts it read
 * @param labels how many labels it was judged by; as many as samples, unless some are ignored
 * @param loss the mean loss of a label
 * @param correct for how many labels the most likely class was the right one; with mixed images,
 *     the label of the one that was there first
 */
public record StepResult(int samples, int labels, double loss, int correct) {}
