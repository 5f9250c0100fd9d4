package io.residuum.loss;

import ai.djl.ndarray.NDArray;

/** A loss of classes, whose right answers training counts. */
public interface ClassLoss extends Loss {

    /** {@return the number of labels that are not ignored} */
    int labels();

    /**
     * {@return the number of these labels that have the highest output, as a float32 scalar; it
     * belongs to the manager of the output}
     *
     * @param output as in {@link #sum}
     */
    NDArray correct(NDArray output);
}
