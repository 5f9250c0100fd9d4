package io.residuum.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import org.jspecify.annotations.Nullable;

/**
 * The inputs and labels of one forward pass, in plain Java. Closing returns its buffers for reuse,
 * so do not use it afterwards.
 */
public interface TrainingBatch extends AutoCloseable {

    /** {@return the number of units as the task counts them (images, tokens, texts), positive} */
    int samples();

    /**
     * Copies the inputs to the network's device.
     *
     * @param manager the owner of the arrays
     * @param type the type of inputs that are not integers
     * @return the network's input, then side inputs by name
     */
    NDList inputs(NDManager manager, DataType type);

    /**
     * {@return one class per position of the output, {@code (N)} or {@code (N, T)} row by row;
     * {@link CrossEntropy#IGNORED} for positions that do not count}
     */
    int[] labels();

    /**
     * {@return the target probabilities {@code (N, classes)}, rows that sum to 1; null if the
     * labels are the targets}
     */
    default float @Nullable [] targets() {
        return null;
    }

    @Override
    default void close() {}
}
