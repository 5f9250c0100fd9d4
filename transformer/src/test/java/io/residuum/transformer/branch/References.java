package io.residuum.transformer.branch;

import io.residuum.spec.layers.NormSpec;
import java.util.Map;

/** Norms and linear maps of one row, one number at a time in double precision. */
public final class References {
    private References() {}

    /**
     * Layer norm or RMSNorm; anything else leaves the row alone.
     *
     * @param norm which
     * @param x a row
     * @param weights values by path
     * @param name of the norm
     * @return a new row
     */
    public static double[] normed(
            NormSpec norm, double[] x, Map<String, double[]> weights, String name) {
        boolean centred = norm instanceof NormSpec.OfLayer;
        if (!centred && !(norm instanceof NormSpec.Rms)) {
            return x;
        }
        double eps = norm instanceof NormSpec.OfLayer l ? l.eps() : ((NormSpec.Rms) norm).eps();
        double mean = 0;
        for (double value : x) {
            mean += centred ? value / x.length : 0;
        }
        double variance = 0;
        for (double value : x) {
            variance += (value - mean) * (value - mean) / x.length;
        }
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (x[i] - mean) / Math.sqrt(variance + eps) * weights.get(name + ".weight")[i];
            y[i] += centred ? weights.get(name + ".bias")[i] : 0;
        }
        return y;
    }

    /**
     * A linear map by some rows of its weight.
     *
     * @param x a row
     * @param weights values by path
     * @param name of the map
     * @param firstRow of its weight
     * @param rows how many of its weight's
     * @return a new row
     */
    public static double[] affine(
            double[] x, Map<String, double[]> weights, String name, int firstRow, int rows) {
        double[] weight = weights.get(name + ".weight");
        double[] bias = weights.get(name + ".bias");
        double[] y = new double[rows];
        for (int r = 0; r < rows; r++) {
            y[r] = bias == null ? 0 : bias[firstRow + r];
            for (int c = 0; c < x.length; c++) {
                y[r] += weight[(firstRow + r) * x.length + c] * x[c];
            }
        }
        return y;
    }
}
