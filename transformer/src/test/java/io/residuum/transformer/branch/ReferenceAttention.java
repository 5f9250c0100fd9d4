package io.residuum.transformer.branch;

import java.util.Arrays;
import java.util.Map;

/**
 * Attention as its equations say, one number at a time in double precision: heads are loops,
 * grouped heads are divisions, rotary pairs are rotations in place.
 */
public final class ReferenceAttention {
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
    public ReferenceAttention(Attention spec, Map<String, double[]> weights, int channels) {
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
    public double[][] of(double[][] x, double[][] memory, boolean[][] mask) {
        double[][] q = projected(asking(x), "q", 0, heads);
        double[][] k = projected(memory, "k", heads, groups);
        double[][] v = projected(memory, "v", heads + groups, groups);
        double[][] joined = new double[q.length][heads * width];
        for (int t = 0; t < q.length; t++) {
            boolean[] seen = new boolean[memory.length];
            double[][] scores = new double[heads][memory.length];
            for (int h = 0; h < heads; h++) {
                double[] query = head(q[t], h, t, "queryNorm");
                for (int s = 0; s < memory.length; s++) {
                    seen[s] = mask[t][s] && near(t, s);
                    scores[h][s] = score(query, head(k[s], groupOf(h), s, "keyNorm"));
                }
            }
            scores = talked(scores, "talkScores");
            double[][] shares = new double[heads][];
            for (int h = 0; h < heads; h++) {
                for (int s = 0; s < memory.length; s++) {
                    scores[h][s] = seen[s] ? scores[h][s] + bias(h, t, s) : -1 / 0.0;
                }
                shares[h] = softmax(scores[h]);
            }
            shares = talked(shares, "talkWeights");
            for (int h = 0; h < heads; h++) {
                for (int s = 0; s < memory.length; s++) {
                    for (int d = 0; d < width && seen[s]; d++) {
                        joined[t][h * width + d] += shares[h][s] * v[s][groupOf(h) * width + d];
                    }
                }
            }
        }
        return affine(joined, "output", 0, channels);
    }

    private double[][] asking(double[][] x) {
        return spec.queries() == 0 ? x : Arrays.copyOf(x, spec.queries());
    }

    private int groupOf(int head) {
        return head / (heads / groups);
    }

    /** A linear map over the heads, for each key. */
    private double[][] talked(double[][] perHead, String name) {
        if (!spec.talkingHeads()) {
            return perHead;
        }
        double[] weight = weights.get(name + ".weight");
        double[][] mixed = new double[heads][perHead[0].length];
        for (int to = 0; to < heads; to++) {
            for (int s = 0; s < mixed[to].length; s++) {
                mixed[to][s] = weights.get(name + ".bias")[to];
                for (int from = 0; from < heads; from++) {
                    mixed[to][s] += weight[to * heads + from] * perHead[from][s];
                }
            }
        }
        return mixed;
    }

    private boolean near(int t, int s) {
        boolean past = !spec.causal() || s <= t;
        return past && (spec.window() == 0 || Math.abs(t - s) < spec.window());
    }

    private double score(double[] q, double[] k) {
        double sum = 0;
        for (int d = 0; d < width; d++) {
            sum += q[d] * k[d];
        }
        double score = sum * (spec.scale() == 0 ? 1 / Math.sqrt(width) : spec.scale());
        double cap = spec.softCap();
        return cap == 0 ? score : cap * Math.tanh(score / cap);
    }

    private double bias(int h, int t, int s) {
        if (spec.position() instanceof PositionSpec.Relative) {
            // 8 buckets: 8 or 2 x 4 single distances, as long as none is above 4 or 1.
            int later = s > t ? 4 : 0;
            int bucket = spec.causal() ? Math.max(0, t - s) : Math.min(2, Math.abs(t - s)) + later;
            return weights.get("relativeBias.weight")[bucket * heads + h];
        }
        if (spec.position() instanceof PositionSpec.RelativeTable) {
            return weights.get("positions.table")[pair(t - 1, s - 1) * heads + h];
        }
        // The paper's slopes for a power of two of heads are powers of 2^(-8 / heads).
        return spec.position() instanceof PositionSpec.Alibi
                ? -Math.pow(2, -8.0 * (h + 1) / heads) * Math.abs(t - s)
                : 0;
    }

    /** The row of a table for two positions of a 2x2 grid, -1 for the token before it. */
    private static int pair(int q, int k) {
        if (q < 0 || k < 0) {
            return q >= 0 ? 10 : k >= 0 ? 9 : 11;
        }
        return 3 * (q / 2 - k / 2 + 1) + q % 2 - k % 2 + 1;
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
            double angle = position * rotary.scaling().frequencies(rotary.base(), width)[i];
            int a = rotary.interleaved() ? 2 * i : i;
            int b = rotary.interleaved() ? 2 * i + 1 : i + width / 2;
            turned[a] = part[a] * Math.cos(angle) - part[b] * Math.sin(angle);
            turned[b] = part[a] * Math.sin(angle) + part[b] * Math.cos(angle);
        }
        return turned;
    }

    private double[] normed(double[] x, String name) {
        return References.normed(spec.queryKeyNorm(), x, weights, name);
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
        double[][] y = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            y[t] = References.affine(x[t], weights, name, firstRow, rows);
        }
        return y;
    }
}
