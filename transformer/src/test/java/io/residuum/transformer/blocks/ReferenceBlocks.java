package io.residuum.transformer.blocks;

import io.residuum.transformer.branch.ReferenceAttention;
import io.residuum.transformer.branch.ReferenceFeedForward;
import io.residuum.transformer.branch.References;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Transformer blocks as the equations of each placement say, in double precision. */
final class ReferenceBlocks {
    private final TransformerBlocks spec;
    private final Map<String, double[]> weights;

    ReferenceBlocks(TransformerBlocks spec, Map<String, double[]> weights) {
        this.spec = spec;
        this.weights = weights;
    }

    private interface Branch {
        double[][] of(double[][] x);
    }

    /**
     * One sample.
     *
     * @param x T rows
     * @param kept what drop-path multiplies each branch by, in the order of computation
     * @return T rows
     */
    double[][] of(double[][] x, double... kept) {
        double[][] y = x;
        int unit = 0;
        for (int i = 0; i < spec.depth(); i++) {
            String block = i + ".";
            if (spec.placement() instanceof NormPlacement.Parallel) {
                String at = block + "branch.";
                Branch both = u -> added(1, attention(u, at + "attention."), mlp(u, at + "mlp."));
                y = unit(y, block, both, kept[unit++]);
            } else {
                String first = block + "attention.";
                String last = block + "mlp.";
                y = unit(y, first, u -> attention(u, first + "branch."), kept[unit++]);
                y = unit(y, last, u -> mlp(u, last + "branch."), kept[unit++]);
            }
        }
        return y;
    }

    private double[][] unit(double[][] x, String at, Branch f, double kept) {
        NormPlacement placement = spec.placement();
        if (placement instanceof NormPlacement.Pre || placement instanceof NormPlacement.Parallel) {
            return added(1, x, scaled(f.of(normed(x, at + "before")), at, kept));
        }
        if (placement instanceof NormPlacement.Post) {
            return normed(added(1, x, scaled(f.of(x), at, kept)), at + "after");
        }
        if (placement instanceof NormPlacement.DeepNorm) {
            double alpha = Math.pow(2.0 * spec.depth(), 0.25);
            return normed(added(alpha, x, scaled(f.of(x), at, kept)), at + "after");
        }
        if (placement instanceof NormPlacement.ResPost) {
            return added(1, x, scaled(normed(f.of(x), at + "afterBranch"), at, kept));
        }
        if (placement instanceof NormPlacement.Sandwich) {
            double[][] branch = normed(f.of(normed(x, at + "before")), at + "afterBranch");
            return added(1, x, scaled(branch, at, kept));
        }
        throw new AssertionError(placement);
    }

    private double[][] normed(double[][] x, String at) {
        return Arrays.stream(x)
                .map(row -> References.normed(spec.norm(), row, weights, at + ".norm"))
                .toArray(double[][]::new);
    }

    private double[][] scaled(double[][] x, String at, double kept) {
        double[] gamma = weights.getOrDefault(at + "scale.gamma", new double[] {1});
        double[][] y = new double[x.length][x[0].length];
        for (int t = 0; t < y.length; t++) {
            for (int c = 0; c < y[t].length; c++) {
                y[t][c] = kept * gamma[c % gamma.length] * x[t][c];
            }
        }
        return y;
    }

    private static double[][] added(double factor, double[][] a, double[][] b) {
        double[][] y = new double[a.length][a[0].length];
        for (int t = 0; t < y.length; t++) {
            for (int c = 0; c < y[t].length; c++) {
                y[t][c] = factor * a[t][c] + b[t][c];
            }
        }
        return y;
    }

    private double[][] attention(double[][] x, String at) {
        boolean[][] mask = new boolean[x.length][x.length];
        for (boolean[] row : mask) {
            Arrays.fill(row, true);
        }
        return new ReferenceAttention(spec.attention(), below(at), x[0].length).of(x, x, mask);
    }

    private double[][] mlp(double[][] x, String at) {
        Map<String, double[]> own = below(at);
        return Arrays.stream(x)
                .map(row -> ReferenceFeedForward.of(spec.feedForward(), own, row))
                .toArray(double[][]::new);
    }

    private Map<String, double[]> below(String at) {
        Map<String, double[]> below = new LinkedHashMap<>();
        weights.forEach(
                (path, values) -> {
                    if (path.startsWith(at)) {
                        below.put(path.substring(at.length()), values);
                    }
                });
        return below;
    }
}
