package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;

/** A loss of classes, whose right answers training counts. */
public interface ClassLoss extends Loss {

    /**
     * {@return the right class of each position, {@link Target#IGNORED} for positions that do not
     * count}
     */
    int[] labels();

    /** {@return the number of labels that are not ignored} */
    default int counted() {
        return (int) Arrays.stream(labels()).filter(label -> label != Target.IGNORED).count();
    }

    /**
     * {@return the number of counted labels that have the highest output, as a float32 scalar; it
     * belongs to the manager of the output}
     *
     * @param output as in {@link #sum}
     */
    NDArray correct(NDArray output);
}
