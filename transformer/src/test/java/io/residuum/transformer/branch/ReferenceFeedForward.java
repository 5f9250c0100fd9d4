package io.residuum.transformer.branch;

import io.residuum.spec.layers.ActivationSpec;
import java.util.Map;

/** The feed-forward network of one row, one number at a time in double precision. */
public final class ReferenceFeedForward {
    private ReferenceFeedForward() {}

    /**
     * {@code down(a(up(x)))}, or {@code down(a(gate(x)) (up(x) + shift))} of bounded numbers.
     *
     * @param spec its settings
     * @param weights values by path
     * @param x a row
     * @return a new row
     */
    public static double[] of(FeedForward spec, Map<String, double[]> weights, double[] x) {
        int inner = weights.get("up.weight").length / x.length;
        double[] up = References.affine(x, weights, "up", 0, inner);
        double[] gate = spec.gated() ? References.affine(x, weights, "gate", 0, inner) : up;
        double limit = spec.limit() > 0 ? spec.limit() : Double.POSITIVE_INFINITY;
        double[] between = new double[inner];
        for (int i = 0; i < inner; i++) {
            between[i] =
                    spec.gated()
                            ? activated(spec.activation(), Math.min(gate[i], limit))
                                    * (Math.max(-limit, Math.min(up[i], limit)) + spec.upShift())
                            : activated(spec.activation(), up[i]);
        }
        return References.affine(between, weights, "down", 0, x.length);
    }

    private static double activated(ActivationSpec activation, double x) {
        if (activation.equals(ActivationSpec.RELU)) {
            return Math.max(0, x);
        }
        if (activation instanceof ActivationSpec.Silu) {
            return x / (1 + Math.exp(-x));
        }
        if (activation instanceof ActivationSpec.GeluTanh) {
            return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
        }
        if (activation instanceof ActivationSpec.Gelu) {
            return x / 2 * (1 + erf(x / Math.sqrt(2)));
        }
        throw new AssertionError(activation);
    }

    /** The Taylor series, exact enough for the small values of these tests. */
    private static double erf(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; n < 200; n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }
}
