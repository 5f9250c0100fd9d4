package io.residuum.metric;

import ai.djl.ndarray.types.Shape;

/**
 * The place of classes, labels or numbers in an output: the last axis, or axis 1 of outputs with
 * four or more axes, such as {@code (N, classes, height, width)}.
 *
 * @param outer the number of positions before the axis
 * @param count the number of classes, labels or numbers of each position
 * @param inner the number of positions after the axis
 */
public record Columns(int outer, int count, int inner) {

    /**
     * {@return the columns of an output}
     *
     * @param shape {@code (N, ...)}
     */
    public static Columns of(Shape shape) {
        int rank = shape.dimension();
        if (rank < 2) {
            return new Columns(Math.toIntExact(shape.size()), 1, 1);
        }
        int axis = rank >= 4 ? 1 : rank - 1;
        return new Columns(
                Math.toIntExact(shape.slice(0, axis).size()),
                Math.toIntExact(shape.get(axis)),
                Math.toIntExact(shape.slice(axis + 1).size()));
    }

    /** {@return the number of positions: samples, tokens or pixels} */
    public int positions() {
        return outer * inner;
    }

    /**
     * {@return the index of a number in the output}
     *
     * @param column the class, label or number
     */
    public int index(int position, int column) {
        return (position / inner * count + column) * inner + position % inner;
    }
}
