package io.residuum.inspect.representation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Ops;
import io.residuum.inspect.InspectionException;
import java.util.List;

/**
 * Sums the Hilbert-Schmidt independence criterion of pairs of representations over batches, by the
 * unbiased estimator of Song et al. 2012 (Equation 5). It is the inner product of two matrices,
 * centred as in Szekely and Rizzo 2014 (Equation 2.1), so that each kernel is centred once and not
 * for each pair.
 */
final class Kernels {
    private static final int LEAST_SAMPLES = 4;

    private final double[][] cross;
    private final double[] rows;
    private final double[] columns;

    Kernels(int rows, int columns) {
        this.cross = new double[rows][columns];
        this.rows = new double[rows];
        this.columns = new double[columns];
    }

    /** Adds the criteria of all pairs of a batch. */
    void add(List<double[]> a, List<double[]> b, long samples) {
        // Each kernel has one half of a symmetric matrix.
        double factor = 2.0 / (samples * (samples - 3));
        for (int i = 0; i < a.size(); i++) {
            for (int j = 0; j < b.size(); j++) {
                boolean mirrored = a == b && j < i;
                cross[i][j] =
                        mirrored ? cross[j][i] : cross[i][j] + dot(a.get(i), b.get(j), factor);
            }
            rows[i] += dot(a.get(i), a.get(i), factor);
        }
        for (int j = 0; j < b.size(); j++) {
            columns[j] += dot(b.get(j), b.get(j), factor);
        }
    }

    private static double dot(double[] a, double[] b, double factor) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum * factor;
    }

    /** Returns CKA of all pairs, NaN for a unit whose output does not depend on the sample. */
    double[][] cka() {
        double[][] cka = new double[rows.length][columns.length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < columns.length; j++) {
                double norm = rows[i] > 0 && columns[j] > 0 ? rows[i] * columns[j] : Double.NaN;
                cka[i][j] = cross[i][j] / Math.sqrt(norm);
            }
        }
        return cka;
    }

    /** Returns the upper half of the centred kernel of a batch, row by row. */
    static double[] centred(NDArray output, Ops ops) {
        int n = Math.toIntExact(output.getShape().get(0));
        if (n < LEAST_SAMPLES) {
            throw new InspectionException(
                    "similarity needs batches of at least %s samples, got %s: raise the batch and the number of samples"
                            .formatted(LEAST_SAMPLES, n));
        }
        NDArray x = output.toType(DataType.FLOAT32, false).reshape(n, -1);
        // The criterion does not change, but a large mean would cost digits.
        x = x.sub(x.mean(new int[] {0}, true));
        NDArray rows = x.reshape(1, n, x.getShape().get(1));
        return centred(ops.batchedProductTransposed(rows, rows).toFloatArray(), n);
    }

    static double[] centred(float[] kernel, int n) {
        double[] sums = new double[n];
        double total = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                sums[i] += i == j ? 0 : kernel[i * n + j];
            }
            total += sums[i];
        }
        double mean = total / ((n - 1.0) * (n - 2.0));
        double[] half = new double[n * (n - 1) / 2];
        int next = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                half[next++] = kernel[i * n + j] - (sums[i] + sums[j]) / (n - 2.0) + mean;
            }
        }
        return half;
    }
}
