package io.residuum.transformer.branch;

import io.residuum.spec.NormSpec;
import java.util.Map;

/**
 * Attention as its equations say, one number at a time in double precision: heads are loops,
 * grouped heads are divisions, rotary pairs are rotations in place.
 */
final class ReferenceAttention {
    private final Attention spec;
    private final Map<String, double[]> weights;
    private final int channels;
    private final int heads;
    private final int groups;
    private final int width;

    /**
     * Describes attention.
     *
     * @param spec its settings
     * @param weights values by path
     * @param channels the width of the input
     */
    ReferenceAttention(Attention spec, Map<String, double[]> weights, int channels) {
        this.spec = spec;
        this.weights = weights;
        this.channels = channels;
        this.heads = spec.heads();
        this.groups = spec.kvHeads() == 0 ? heads : spec.kvHeads();
        this.width = spec.headWidth() == 0 ? channels / heads : spec.headWidth();
    }

    /**
     * One sample.
     *
     * @param x T rows
     * @param memory S rows that keys and values come from; x itself for self-attention
     * @param mask {@code [T][S]}, whether a query may see a key at all
     * @return T rows
     */
    double[][] of(double[][] x, double[][] memory, boolean[][] mask) {
        double[][] q = projected(x, "q", 0, heads);
        double[][] k = projected(memory, "k", heads, groups);
        double[][] v = projected(memory, "v", heads + groups, groups);
        double[][] joined = new double[x.length][heads * width];
        for (int h = 0; h < heads; h++) {
            int group = h / (heads / groups);
            for (int t = 0; t < x.length; t++) {
                double[] query = head(q[t], h, t, "queryNorm");
                double[] scores = new double[memory.length];
                for (int s = 0; s < memory.length; s++) {
                    boolean seen = mask[t][s] && near(t, s);
                    double[] key = head(k[s], group, s, "keyNorm");
                    scores[s] = seen ? score(query, key, h, t, s) : Double.NEGATIVE_INFINITY;
                }
                double[] shares = softmax(scores);
                for (int s = 0; s < memory.length; s++) {
                    for (int d = 0; d < width; d++) {
                        joined[t][h * width + d] += shares[s] * v[s][group * width + d];
                    }
                }
            }
        }
        return affine(joined, "output", 0, channels);
    }

    private boolean near(int t, int s) {
        boolean past = !spec.causal() || s <= t;
        return past && (spec.window() == 0 || Math.abs(t - s) < spec.window());
    }

    private double score(double[] q, double[] k, int h, int t, int s) {
        double sum = 0;
        for (int d = 0; d < width; d++) {
            sum += q[d] * k[d];
        }
        double score = sum * (spec.scale() == 0 ? 1 / Math.sqrt(width) : spec.scale());
        double cap = spec.softCap();
        score = cap == 0 ? score : cap * Math.tanh(score / cap);
        if (spec.position() instanceof PositionSpec.Alibi) {
            // The paper's own slopes for eight heads and fewer are powers of 2^(-8 / heads).
            score -= Math.pow(2, -8.0 * (h + 1) / heads) * Math.abs(t - s);
        }
        return score;
    }

    /** A row's share of one head, normed and turned. */
    private double[] head(double[] row, int h, int position, String norm) {
        double[] part = new double[width];
        System.arraycopy(row, h * width, part, 0, width);
        part = normed(part, norm);
        if (!(spec.position() instanceof PositionSpec.Rotary rotary)) {
            return part;
        }
        double[] turned = new double[width];
        for (int i = 0; i < width / 2; i++) {
            double angle = position * Math.pow(rotary.base(), -2.0 * i / width);
            int a = rotary.interleaved() ? 2 * i : i;
            int b = rotary.interleaved() ? 2 * i + 1 : i + width / 2;
            turned[a] = part[a] * Math.cos(angle) - part[b] * Math.sin(angle);
            turned[b] = part[a] * Math.sin(angle) + part[b] * Math.cos(angle);
        }
        return turned;
    }

    private double[] normed(double[] x, String name) {
        if (!(spec.queryKeyNorm() instanceof NormSpec.Rms rms)) {
            return x;
        }
        double squares = 0;
        for (double value : x) {
            squares += value * value;
        }
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i] / Math.sqrt(squares / x.length + rms.eps());
            y[i] *= weights.get(name + ".weight")[i];
        }
        return y;
    }

    /** Zeros where there is nothing to see. */
    private static double[] softmax(double[] scores) {
        double sum = 0;
        for (double score : scores) {
            sum += Math.exp(score);
        }
        double[] shares = new double[scores.length];
        for (int i = 0; i < scores.length && sum > 0; i++) {
            shares[i] = Math.exp(scores[i]) / sum;
        }
        return shares;
    }

    private double[][] projected(double[][] x, String part, int headsBefore, int count) {
        return weights.containsKey("qkv.weight")
                ? affine(x, "qkv", headsBefore * width, count * width)
                : affine(x, part, 0, count * width);
    }

    private double[][] affine(double[][] x, String name, int firstRow, int rows) {
        double[] weight = weights.get(name + ".weight");
        double[] bias = weights.get(name + ".bias");
        double[][] y = new double[x.length][rows];
        for (int t = 0; t < x.length; t++) {
            int in = x[t].length;
            for (int r = 0; r < rows; r++) {
                double sum = bias == null ? 0 : bias[firstRow + r];
                for (int c = 0; c < in; c++) {
                    sum += weight[(firstRow + r) * in + c] * x[t][c];
                }
                y[t][r] = sum;
            }
        }
        return y;
    }
}
