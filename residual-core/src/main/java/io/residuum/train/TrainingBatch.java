package io.residuum.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import org.jspecify.annotations.Nullable;

/**
 * What one forward pass reads and what it should have said, as plain Java, ready for an engine.
 * Closing gives its buffers back; do not touch it afterwards.
 */
public interface TrainingBatch extends AutoCloseable {

    /**
     * How much it is, in what the task counts: images, tokens, texts.
     *
     * @return the number, positive
     */
    int samples();

    /**
     * Puts the inputs where the network computes.
     *
     * @param manager owns the arrays
     * @param type of inputs that are not integers
     * @return the network's input, then side inputs by name
     */
    NDList inputs(NDManager manager, DataType type);

    /**
     * What each output should be.
     *
     * @return a class for each place of the output, {@code (N)} or {@code (N, T)} row by row;
     *     {@link CrossEntropy#IGNORED} where nothing is asked
     */
    int[] labels();

    /**
     * What each output should be where that is more than one class.
     *
     * @return {@code (N, classes)}, rows that sum to 1; null for all weight on the label
     */
    default float @Nullable [] targets() {
        return null;
    }

    @Override
    default void close() {}
}
