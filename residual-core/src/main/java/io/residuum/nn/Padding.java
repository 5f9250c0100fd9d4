package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import java.util.Arrays;
import java.util.function.IntToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The positions that are added around arrays before a window slides over them. */
public sealed interface Padding {

    /** No padding of images. */
    Padding NONE = both(new Shape(0, 0));

    /**
     * {@return equal padding before and after each axis}
     *
     * @param sizes one size per axis of positions
     */
    static Sides both(Shape sizes) {
        return new Sides(sizes, sizes);
    }

    /**
     * {@return the positions to add at each side}
     *
     * @param positions the sizes of the axes of positions, {@code (height, width)} for images
     * @param reach the window, with its dilation
     * @param stride the step
     */
    Sides sides(Shape positions, Shape reach, Shape stride);

    /**
     * {@return true if inputs of other sizes may get other padding}
     *
     * @param stride the step
     */
    boolean dependsOnSize(Shape stride);

    /**
     * A fixed number of positions at each side.
     *
     * @param before positions before the first, one size per axis: {@code (top, left)} for images
     * @param after positions after the last: {@code (bottom, right)} for images
     */
    record Sides(Shape before, Shape after) implements Padding {
        @Override
        public Sides sides(Shape positions, Shape reach, Shape stride) {
            return this;
        }

        @Override
        public boolean dependsOnSize(Shape stride) {
            return false;
        }

        /** {@return true if nothing is added} */
        public boolean isNone() {
            return isSymmetric() && Arrays.stream(before.getShape()).allMatch(size -> size == 0);
        }

        /** {@return true if both sides of every axis are equal} */
        public boolean isSymmetric() {
            return before.equals(after);
        }

        /**
         * {@return the positions that are added on both sides of each axis} The engines'
         * convolutions and pools add these themselves.
         */
        public Shape common() {
            return sizes(axis -> Math.min(before.get(axis), after.get(axis)));
        }

        /**
         * {@return an array with the positions that {@link #common} leaves}
         *
         * @param ops the operations of the engine
         * @param x {@code (N, C)} and the axes of positions
         * @param value the value of the new positions
         */
        public NDArray addRest(Ops ops, NDArray x, double value) {
            Shape both = common();
            Shape first = sizes(axis -> before.get(axis) - both.get(axis));
            Shape last = sizes(axis -> after.get(axis) - both.get(axis));
            return isSymmetric() ? x : ops.pad(x, first, last, value);
        }

        private Shape sizes(IntToLongFunction size) {
            return new Shape(IntStream.range(0, before.dimension()).mapToLong(size).toArray());
        }

        /** Returns {@code 1}, {@code 1x2} for rows and columns, or both sides of every axis. */
        @Override
        public String toString() {
            if (isSymmetric()) {
                return Shapes.sizes(before);
            }
            return IntStream.range(0, before.dimension())
                    .mapToObj(axis -> before.get(axis) + ", " + after.get(axis))
                    .collect(Collectors.joining(", ", "[", "]"));
        }
    }

    /**
     * As much as gives {@code ceil(size / stride)} windows, half on each side and an odd position
     * after the last one: TensorFlow's SAME.
     */
    record Same() implements Padding {
        @Override
        public Sides sides(Shape positions, Shape reach, Shape stride) {
            long[] before = new long[positions.dimension()];
            long[] after = new long[before.length];
            for (int axis = 0; axis < before.length; axis++) {
                long total = total(positions.get(axis), reach.get(axis), stride.get(axis));
                before[axis] = total / 2;
                after[axis] = total - total / 2;
            }
            return new Sides(new Shape(before), new Shape(after));
        }

        @Override
        public boolean dependsOnSize(Shape stride) {
            return stride.size() > 1;
        }

        private static long total(long size, long reach, long stride) {
            long windows = (size + stride - 1) / stride;
            return Math.max(0, (windows - 1) * stride + reach - size);
        }

        @Override
        public String toString() {
            return "same";
        }
    }
}
