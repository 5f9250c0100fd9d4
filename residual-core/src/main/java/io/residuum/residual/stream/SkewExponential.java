package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import io.residuum.engine.Ops;
import io.residuum.nn.ForwardPass;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Computes the exponential of the skew-symmetric matrix {@code S = W - W'}, which is orthogonal, by
 * scaling and squaring (Higham 2005, SIAM J. Matrix Anal. Appl. 26(4), Section 2) of a Taylor
 * polynomial.
 */
final class SkewExponential {
    /** With the degree below, exact to float32 for norms of S up to 16. */
    private static final int SQUARINGS = 5;

    private static final int DEGREE = 8;

    private SkewExponential() {}

    /**
     * Returns the matrix of a weight.
     *
     * @param weight W, {@code (n, n)}
     * @param like an array that gives the manager and the type
     * @return {@code (n, n)}
     */
    static NDArray of(ForwardPass pass, Parameter weight, NDArray like) {
        Ops ops = pass.ops();
        NDArray w = pass.value(weight).reshape(weight.getShape());
        w.attach(like.getManager());
        int n = Math.toIntExact(weight.getShape().get(0));
        NDArray skew = w.sub(w.transpose(1, 0));
        NDArray s = ops.mul(skew, 1.0 / (1 << SQUARINGS));
        // exp(S) - I keeps the digits that a sum with I would round away.
        NDArray change = ops.mul(s, 1.0 / DEGREE);
        for (int k = DEGREE - 1; k >= 1; k--) {
            // (S + S change) / k, Horner's scheme
            change = ops.mul(s.add(product(s, change, n)), 1.0 / k);
        }
        for (int i = 0; i < SQUARINGS; i++) {
            // (I + E)^2 - I
            change = ops.mul(change, 2).add(product(change, change, n));
        }
        List<Double> plain =
                IntStream.range(0, n * n).mapToObj(i -> i % (n + 1) == 0 ? 1.0 : 0.0).toList();
        NDArray identity = pass.shared(new Table(plain, like.getDataType()));
        return change.add(identity.reshape(n, n));
    }

    /** Multiplies matrices by a sum, which programs of 16 bits compute in float32. */
    private static NDArray product(NDArray a, NDArray b, int n) {
        return a.reshape(n, n, 1).mul(b.reshape(1, n, n)).sum(new int[] {1});
    }
}
