package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;

/** The positions that are added around images before a window slides over them. */
public sealed interface Padding {

    /** No padding. */
    Padding NONE = new Sides(0, 0, 0, 0);

    /**
     * {@return the positions to add at each side}
     *
     * @param image {@code (N, C, H, W)}
     * @param reach the height and width of the window, with its dilation
     * @param stride the step, {@code (height, width)}
     */
    Sides sides(Shape image, Shape reach, Shape stride);

    /**
     * {@return true if images of other sizes may get other padding}
     *
     * @param stride the step, {@code (height, width)}
     */
    boolean dependsOnSize(Shape stride);

    /**
     * A fixed number of positions at each side.
     *
     * @param top rows before the first
     * @param bottom rows after the last
     * @param left columns before the first
     * @param right columns after the last
     */
    record Sides(long top, long bottom, long left, long right) implements Padding {
        @Override
        public Sides sides(Shape image, Shape reach, Shape stride) {
            return this;
        }

        @Override
        public boolean dependsOnSize(Shape stride) {
            return false;
        }

        /** {@return the positions before an axis: 0 for rows, 1 for columns} */
        public long before(int axis) {
            return axis == 0 ? top : left;
        }

        /** {@return the positions after an axis: 0 for rows, 1 for columns} */
        public long after(int axis) {
            return axis == 0 ? bottom : right;
        }

        /** {@return these sides with more rows at the bottom and more columns at the right} */
        public Sides extended(long rows, long columns) {
            return new Sides(top, bottom + rows, left, right + columns);
        }

        /** {@return true if nothing is added} */
        public boolean isNone() {
            return equals(NONE);
        }

        /**
         * {@return the positions that are added on both sides of an axis, {@code (height, width)}}
         * The engines' convolutions and pools add these themselves.
         */
        public Shape common() {
            return new Shape(Math.min(top, bottom), Math.min(left, right));
        }

        /**
         * {@return the images with the positions that {@link #common} leaves}
         *
         * @param ops the operations of the engine
         * @param x {@code (N, C, H, W)}
         * @param value the value of the new positions
         */
        public NDArray addRest(Ops ops, NDArray x, double value) {
            Shape both = common();
            Shape before = new Shape(top - both.get(0), left - both.get(1));
            Shape after = new Shape(bottom - both.get(0), right - both.get(1));
            boolean none = top == bottom && left == right;
            return none ? x : ops.pad(x, before, after, value);
        }

        /** Returns {@code 1}, {@code 1x2} for rows and columns, or all four sides. */
        @Override
        public String toString() {
            if (top != bottom || left != right) {
                return "[" + top + ", " + bottom + ", " + left + ", " + right + "]";
            }
            return top == left ? Long.toString(top) : top + "x" + left;
        }
    }

    /**
     * As much as gives {@code ceil(size / stride)} windows, half on each side and an odd position
     * after the last one: TensorFlow's SAME.
     */
    record Same() implements Padding {
        @Override
        public Sides sides(Shape image, Shape reach, Shape stride) {
            long rows = total(image.get(2), reach.get(0), stride.get(0));
            long columns = total(image.get(3), reach.get(1), stride.get(1));
            return new Sides(rows / 2, rows - rows / 2, columns / 2, columns - columns / 2);
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
