package io.residuum.loss;

import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Check;
import org.jspecify.annotations.Nullable;

/** The target of an output for the samples of one forward pass, in plain Java. */
public sealed interface Target {

    /** The label of a position that does not count. */
    int IGNORED = -1;

    /**
     * A class for each position, or probabilities of all classes.
     *
     * @param labels one class per position of the output, {@code (N)} or {@code (N, ...)} row by
     *     row; {@link #IGNORED} for positions that do not count
     * @param probabilities {@code (N, ..., classes)}, rows that sum to 1, which the loss compares
     *     with instead of the labels; null if the labels are the targets
     */
    record Classes(int[] labels, float @Nullable [] probabilities) implements Target {

        /**
         * Creates targets of one class per position.
         *
         * @param labels the classes
         */
        public Classes(int[] labels) {
            this(labels, null);
        }
    }

    /**
     * A number for each number of the output: a regression, several labels of one sample (0 or 1),
     * the pixels of an image.
     *
     * @param values the numbers, row by row; NaN for those that are unknown and do not count
     * @param shape the shape of the output, {@code (N, ...)}
     */
    record Numbers(float[] values, Shape shape) implements Target {
        public Numbers {
            Check.that(
                    values.length == shape.size(),
                    "targets must fill their shape %s, got %s numbers",
                    shape,
                    values.length);
        }
    }
}
