package io.residuum.transformer.evoformer;

import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.branch.References;
import java.util.Map;

/**
 * The algorithms of Jumper et al. 2021, Supplementary Information, Section 1.6, one number at a
 * time in double precision. A stream is {@code [first axis][second axis][channel]} of one sample.
 */
final class ReferenceEvoformer {
    private final Map<String, double[]> weights;
    private final String layer;

    /** The layer with this name has these weights. */
    ReferenceEvoformer(Map<String, double[]> weights, String layer) {
        this.weights = weights;
        this.layer = layer;
    }

    private double[] map(String name, double[] x) {
        String path = layer + "." + name;
        double[] weight = weights.get(path + ".weight");
        return References.affine(x, weights, path, 0, weight.length / x.length);
    }

    private double[] normed(String name, double[] x) {
        return References.normed(NormSpec.LAYER, x, weights, layer + "." + name);
    }

    private double[] gated(String gate, double[] read, double[] x) {
        double[] g = map(gate, read);
        double[] y = new double[x.length];
        for (int c = 0; c < y.length; c++) {
            y[c] = x[c] / (1 + Math.exp(-g[c]));
        }
        return y;
    }

    static double[][][] turned(double[][][] x) {
        double[][][] y = new double[x[0].length][x.length][];
        for (int i = 0; i < y.length; i++) {
            for (int j = 0; j < x.length; j++) {
                y[i][j] = x[j][i];
            }
        }
        return y;
    }

    private static double[][] turned(double[][] x) {
        double[][] y = new double[x[0].length][x.length];
        for (int i = 0; i < y.length; i++) {
            for (int j = 0; j < x.length; j++) {
                y[i][j] = x[j][i];
            }
        }
        return y;
    }

    /**
     * Algorithms 7, 8, 13 and 14; {@code pairs} is null unless a pair bias reads them, and the mask
     * is all ones unless the layer reads one.
     */
    double[][][] attention(
            double[][][] x, AxialAttention spec, double[][][] pairs, double[][] mask) {
        if (spec.axis() == AxialAttention.Axis.COLUMN) {
            // Query j and key k of column i are (j, i) and (k, i). Their bias is that of (k, j) for
            // triangle attention, so turning the stream turns the bias as well.
            AxialAttention rows = spec.withAxis(AxialAttention.Axis.ROW);
            return turned(attention(turned(x), rows, pairs, turned(mask)));
        }
        int heads = spec.heads();
        double[][][] y = new double[x.length][x[0].length][];
        for (int r = 0; r < x.length; r++) {
            for (int j = 0; j < x[r].length; j++) {
                double[] q = map("q", x[r][j]);
                int width = q.length / heads;
                double[] joined = new double[q.length];
                for (int h = 0; h < heads; h++) {
                    double sum = 0;
                    for (int k = 0; k < x[r].length; k++) {
                        double score = 0;
                        double[] key = map("k", x[r][k]);
                        for (int c = h * width; c < (h + 1) * width; c++) {
                            score += q[c] * key[c] / Math.sqrt(width);
                        }
                        if (pairs != null) {
                            score += map("bias", normed("biasNorm", pairs[j][k]))[h];
                        } else if (spec.bias() instanceof AxialAttention.ScoreBias.Input) {
                            score += map("bias", x[j][k])[h];
                        }
                        double[] value = map("v", x[r][k]);
                        for (int c = h * width; c < (h + 1) * width; c++) {
                            joined[c] += mask[r][k] * Math.exp(score) * value[c];
                        }
                        sum += mask[r][k] * Math.exp(score);
                    }
                    for (int c = h * width; c < (h + 1) * width; c++) {
                        joined[c] /= sum;
                    }
                }
                y[r][j] = map("output", spec.gated() ? gated("gate", x[r][j], joined) : joined);
            }
        }
        return y;
    }

    /** Algorithm 10. */
    double[][][] outerProductMean(double[][][] x, double[][] mask, boolean masked) {
        int columns = x[0].length;
        double[][][] y = new double[columns][columns][];
        for (int i = 0; i < columns; i++) {
            for (int j = 0; j < columns; j++) {
                double[] mean = null;
                double count = masked ? 1e-3 : 0;
                for (int r = 0; r < x.length; r++) {
                    double[] a = map("left", x[r][i]);
                    double[] b = map("right", x[r][j]);
                    double both = mask[r][i] * mask[r][j];
                    mean = mean == null ? new double[a.length * b.length] : mean;
                    for (int c = 0; c < mean.length; c++) {
                        mean[c] += both * a[c / b.length] * b[c % b.length];
                    }
                    count += both;
                }
                for (int c = 0; c < mean.length; c++) {
                    mean[c] /= count;
                }
                y[i][j] = map("output", mean);
            }
        }
        return y;
    }

    /** Algorithms 11 and 12. */
    double[][][] triangle(double[][][] x, TriangleMultiplication.Edges edges, double[][] mask) {
        boolean outgoing = edges == TriangleMultiplication.Edges.OUTGOING;
        double[][][] y = new double[x.length][x.length][];
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < x.length; j++) {
                double[] sum = null;
                for (int k = 0; k < x.length; k++) {
                    double[] one = outgoing ? x[i][k] : x[k][i];
                    double[] other = outgoing ? x[j][k] : x[k][j];
                    double both = outgoing ? mask[i][k] * mask[j][k] : mask[k][i] * mask[k][j];
                    double[] a = gated("leftGate", one, map("left", one));
                    double[] b = gated("rightGate", other, map("right", other));
                    sum = sum == null ? new double[a.length] : sum;
                    for (int c = 0; c < sum.length; c++) {
                        sum[c] += both * a[c] * b[c];
                    }
                }
                y[i][j] = gated("gate", x[i][j], map("output", normed("norm", sum)));
            }
        }
        return y;
    }
}
