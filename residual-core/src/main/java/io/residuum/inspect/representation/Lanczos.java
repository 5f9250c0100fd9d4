package io.residuum.inspect.representation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.ejml.data.DMatrixRMaj;

/**
 * Reduces a matrix to an upper bidiagonal one (Golub and Kahan 1965, Section 3) from a random
 * vector, with full reorthogonalization.
 */
final class Lanczos {
    /** Relative norm of a remainder that is rounding. */
    private static final double NOTHING = 1e-6;

    private final List<double[]> left = new ArrayList<>();
    private final List<double[]> right = new ArrayList<>();
    private final List<Double> diagonal = new ArrayList<>();
    private final List<Double> above = new ArrayList<>();

    private Lanczos() {}

    /**
     * Returns the bidiagonal matrix, of fewer steps if the vectors span an invariant subspace.
     *
     * @param map a matrix
     * @param steps the largest number of steps
     * @param random the source of the first vector
     */
    static DMatrixRMaj bidiagonal(LinearMap map, int steps, SplittableRandom random) {
        Lanczos lanczos = new Lanczos();
        double[] v = new double[map.inputs()];
        for (int i = 0; i < v.length; i++) {
            v[i] = random.nextGaussian();
        }
        scale(v, 1 / norm(v));
        lanczos.reduce(map, v, Math.min(steps, Math.min(map.inputs(), map.outputs())));
        return lanczos.matrix();
    }

    private void reduce(LinearMap map, double[] first, int steps) {
        double[] v = first;
        double largest = 0;
        while (true) {
            right.add(v);
            double[] u = map.times(v);
            double alpha = norm(remove(left, u));
            largest = Math.max(largest, alpha);
            diagonal.add(alpha);
            if (alpha <= NOTHING * largest || right.size() == steps) {
                return;
            }
            scale(u, 1 / alpha);
            left.add(u);
            v = map.transposedTimes(u);
            double beta = norm(remove(right, v));
            largest = Math.max(largest, beta);
            if (beta <= NOTHING * largest) {
                return;
            }
            scale(v, 1 / beta);
            above.add(beta);
        }
    }

    /** Removes the parts along other vectors, twice because of rounding. */
    private static double[] remove(List<double[]> others, double[] x) {
        for (int time = 0; time < 2; time++) {
            for (double[] other : others) {
                double part = 0;
                for (int i = 0; i < x.length; i++) {
                    part += other[i] * x[i];
                }
                for (int i = 0; i < x.length; i++) {
                    x[i] -= part * other[i];
                }
            }
        }
        return x;
    }

    private DMatrixRMaj matrix() {
        DMatrixRMaj matrix = new DMatrixRMaj(diagonal.size(), diagonal.size());
        for (int i = 0; i < diagonal.size(); i++) {
            matrix.set(i, i, diagonal.get(i));
            if (i + 1 < diagonal.size()) {
                matrix.set(i, i + 1, above.get(i));
            }
        }
        return matrix;
    }

    /** Returns the Euclidean norm. */
    static double norm(double[] x) {
        double sum = 0;
        for (double value : x) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }

    private static void scale(double[] x, double factor) {
        for (int i = 0; i < x.length; i++) {
            x[i] *= factor;
        }
    }
}
