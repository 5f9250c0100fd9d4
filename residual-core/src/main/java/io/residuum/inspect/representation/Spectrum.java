package io.residuum.inspect.representation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * Singular values and the share that each stands for.
 *
 * @param values the values
 * @param shares their shares, with the sum 1
 */
record Spectrum(double[] values, double[] shares) {
    /** The share of the largest value below which a value is zero. */
    private static final double ZERO = 1e-6;

    /** Returns all singular values of a matrix. */
    static Spectrum of(DMatrixRMaj matrix) {
        var svd = decomposed(matrix, false);
        double[] values = Arrays.copyOf(svd.getSingularValues(), svd.numberOfSingularValues());
        double[] shares = new double[values.length];
        Arrays.fill(shares, 1.0 / values.length);
        return new Spectrum(values, shares);
    }

    /**
     * Returns a quadrature of the spectrum of a matrix. Nodes are the singular values of the
     * bidiagonal matrix. Their shares are the squares of the first numbers of its right vectors.
     *
     * @param map the matrix
     * @param steps the largest number of nodes
     * @param random the source of the first vector
     */
    static Spectrum of(LinearMap map, int steps, SplittableRandom random) {
        // The other side has values of zero that are not the unit's doing.
        LinearMap wide = map.outputs() < map.inputs() ? map.transposed() : map;
        var svd = decomposed(Lanczos.bidiagonal(wide, steps, random), true);
        DMatrixRMaj right = svd.getV(null, true);
        double[] values = Arrays.copyOf(svd.getSingularValues(), svd.numberOfSingularValues());
        double[] shares = new double[values.length];
        Arrays.setAll(shares, i -> right.get(i, 0) * right.get(i, 0));
        return new Spectrum(values, shares);
    }

    /** Returns the spectrum of several matrices together; empty for none. */
    static Spectrum of(List<Spectrum> all) {
        List<double[]> values = new ArrayList<>();
        List<double[]> shares = new ArrayList<>();
        for (Spectrum s : all) {
            values.add(s.values);
            shares.add(Arrays.stream(s.shares).map(share -> share / all.size()).toArray());
        }
        return new Spectrum(joined(values), joined(shares));
    }

    private static double[] joined(List<double[]> arrays) {
        return arrays.stream().flatMapToDouble(DoubleStream::of).toArray();
    }

    private static SingularValueDecomposition_F64<DMatrixRMaj> decomposed(
            DMatrixRMaj matrix, boolean right) {
        var svd =
                DecompositionFactory_DDRM.svd(
                        matrix.getNumRows(), matrix.getNumCols(), false, right, true);
        if (!svd.decompose(matrix)) {
            throw new ArithmeticException(
                    "the singular values must be finite, got NaN or infinity");
        }
        return svd;
    }

    boolean isEmpty() {
        return values.length == 0;
    }

    double largest() {
        return Arrays.stream(values).max().orElse(Double.NaN);
    }

    double smallest() {
        return Arrays.stream(values).min().orElse(Double.NaN);
    }

    private boolean isZero(int i, double largest) {
        return values[i] <= ZERO * largest;
    }

    /** Returns the mean logarithm of the values above zero. */
    double meanLog() {
        double largest = largest();
        double sum = 0;
        double share = 0;
        for (int i = 0; i < values.length; i++) {
            if (!isZero(i, largest)) {
                sum += shares[i] * Math.log(values[i]);
                share += shares[i];
            }
        }
        return sum / share;
    }

    /** Returns the share of values that are zero. */
    double zeros() {
        double largest = largest();
        double share = 0;
        for (int i = 0; i < values.length; i++) {
            share += isZero(i, largest) ? shares[i] : 0;
        }
        return share;
    }
}
