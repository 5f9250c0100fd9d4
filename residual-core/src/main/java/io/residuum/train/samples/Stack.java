package io.residuum.train.samples;

import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import java.util.Arrays;
import java.util.List;

/** Stacks the arrays of samples along a new first axis. */
final class Stack {
    private Stack() {}

    /**
     * Stacks arrays.
     *
     * @param name the name of the arrays, for errors
     * @param tensors arrays of one kind, at least one
     * @param padding what fills arrays that are shorter than the longest along their first axis; it
     *     is converted to a whole number for ids
     * @throws DataException if they differ in kind or in another axis
     */
    static Tensor of(String name, List<? extends Tensor> tensors, float padding) {
        Tensor first = tensors.get(0);
        Shape shape = first.shape();
        long longest = 0;
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.get(i);
            Shape other = tensor.shape();
            if (tensor.getClass() != first.getClass()
                    || other.dimension() != shape.dimension()
                    || (shape.dimension() > 0 && !other.slice(1).equals(shape.slice(1)))) {
                throw new DataException(
                        "\"%s\" must be one kind of array in all samples of a batch, got %s %s and %s %s"
                                .formatted(name, kind(first), shape, kind(tensor), other));
            }
            longest = Math.max(longest, other.dimension() == 0 ? 1 : other.get(0));
        }
        int row = Math.toIntExact(longest * (shape.dimension() == 0 ? 1 : shape.slice(1).size()));
        int all = Math.multiplyExact(row, tensors.size());
        Shape stacked =
                shape.dimension() == 0
                        ? new Shape(tensors.size())
                        : new Shape(tensors.size(), longest).addAll(shape.slice(1));
        if (first instanceof Tensor.Numbers) {
            float[] values = new float[all];
            if (padding != 0) {
                Arrays.fill(values, padding);
            }
            for (int i = 0; i < tensors.size(); i++) {
                float[] some = ((Tensor.Numbers) tensors.get(i)).values();
                System.arraycopy(some, 0, values, i * row, some.length);
            }
            return new Tensor.Numbers(values, stacked);
        }
        long[] values = new long[all];
        if (padding != 0) {
            Arrays.fill(values, (long) padding);
        }
        for (int i = 0; i < tensors.size(); i++) {
            long[] some = ((Tensor.Integers) tensors.get(i)).values();
            System.arraycopy(some, 0, values, i * row, some.length);
        }
        return new Tensor.Integers(values, stacked);
    }

    static String kind(Tensor tensor) {
        return tensor instanceof Tensor.Numbers ? "numbers" : "whole numbers";
    }
}
