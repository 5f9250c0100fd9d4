package io.residuum.residual;

import java.util.Arrays;
import java.util.Optional;

/**
 * A square matrix of the weights between a few streams.
 *
 * @param size the number of rows
 * @param values the entries by rows
 */
record SmallMatrix(int size, double[] values) {

    static SmallMatrix identity(int size) {
        double[] values = new double[size * size];
        for (int i = 0; i < size; i++) {
            values[i * size + i] = 1;
        }
        return new SmallMatrix(size, values);
    }

    boolean isIdentity() {
        return Arrays.equals(values, identity(size).values);
    }

    SmallMatrix transposed() {
        double[] other = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            other[i % size * size + i / size] = values[i];
        }
        return new SmallMatrix(size, other);
    }

    double[] times(double[] vector) {
        double[] product = new double[size];
        for (int i = 0; i < values.length; i++) {
            product[i / size] += values[i] * vector[i % size];
        }
        return product;
    }

    /** Returns the determinant, by elimination with pivots. */
    double determinant() {
        return eliminated(identity(size).values);
    }

    /** Returns the inverse; empty if there is none. */
    Optional<SmallMatrix> inverse() {
        double[] inverse = identity(size).values;
        return eliminated(inverse) == 0
                ? Optional.empty()
                : Optional.of(new SmallMatrix(size, inverse));
    }

    /** Turns the identity into the inverse, and returns the determinant (Gauss and Jordan). */
    private double eliminated(double[] right) {
        double[] left = values.clone();
        double determinant = 1;
        for (int column = 0; column < size; column++) {
            int pivot = column;
            for (int row = column + 1; row < size; row++) {
                boolean larger =
                        Math.abs(left[row * size + column]) > Math.abs(left[pivot * size + column]);
                pivot = larger ? row : pivot;
            }
            double value = left[pivot * size + column];
            if (value == 0) {
                return 0;
            }
            determinant *= pivot == column ? value : -value;
            for (double[] side : new double[][] {left, right}) {
                swap(side, pivot, column);
                add(side, column, column, 1 / value - 1);
            }
            for (int row = 0; row < size; row++) {
                double factor = left[row * size + column];
                if (row != column) {
                    add(left, row, column, -factor);
                    add(right, row, column, -factor);
                }
            }
        }
        return determinant;
    }

    private void swap(double[] side, int a, int b) {
        for (int i = 0; i < size; i++) {
            double kept = side[a * size + i];
            side[a * size + i] = side[b * size + i];
            side[b * size + i] = kept;
        }
    }

    /** Adds a multiple of another row to a row. */
    private void add(double[] side, int row, int other, double factor) {
        for (int i = 0; i < size; i++) {
            side[row * size + i] += factor * side[other * size + i];
        }
    }
}
