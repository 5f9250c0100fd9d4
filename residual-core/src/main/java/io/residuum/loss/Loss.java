package io.residuum.loss;

import ai.djl.ndarray.NDArray;

/**
 * The loss of one output for the samples of one forward pass. Training divides the sum over all
 * passes of an update by the sum of their counts, so an update by several passes equals that of one
 * large batch.
 */
public interface Loss {

    /**
     * {@return the divisor of the sum that gives the mean: the number of positions that count, or
     * the sum of their weights; not negative}
     */
    double count();

    /**
     * {@return the summed loss {@code (1)}, recorded if a gradient collector is open; it belongs to
     * the manager of the output}
     *
     * @param output the output, {@code (N, ...)}
     */
    NDArray sum(NDArray output);
}
