package io.residuum.nn.composite;

import ai.djl.ndarray.NDArray;
import io.residuum.engine.Ops;
import io.residuum.nn.ForwardPass;
import java.util.SplittableRandom;

/**
 * Random numbers by which layers multiply samples, with one sequence of draws. They are drawn in
 * Java, so that a seed gives the same numbers on every engine.
 */
public final class RandomFactors {
    private SplittableRandom random = new SplittableRandom(0);

    /** Maps a uniform number in [0, 1) to a factor. */
    public interface Map {
        /**
         * {@return the factor of a uniform number}
         *
         * @param uniform a number in [0, 1)
         */
        double factor(double uniform);
    }

    /**
     * Sets the seed of the draws.
     *
     * @param seed any number
     */
    public void reseed(long seed) {
        random = new SplittableRandom(seed);
    }

    /**
     * {@return one factor per sample, {@code (N)}}
     *
     * @param x the samples, {@code (N, ...)}
     * @param perSample true to draw one for each sample, false to draw one for all
     * @param map maps uniform numbers to factors. 1 must be neutral: programs without dropout have
     *     1 for every draw
     */
    public NDArray draw(ForwardPass pass, NDArray x, boolean perSample, Map map) {
        return pass.ops()
                .drawn(
                        x.getManager(),
                        samples -> draw(Math.toIntExact(samples), perSample, map),
                        x.getShape().get(0),
                        x.getDataType());
    }

    private float[] draw(int samples, boolean perSample, Map map) {
        float[] factors = new float[samples];
        for (int i = 0; i < samples; i++) {
            factors[i] = i == 0 || perSample ? (float) map.factor(random.nextDouble()) : factors[0];
        }
        return factors;
    }

    /**
     * {@return x times numbers in the forward pass, whose gradient is multiplied by other numbers}
     *
     * @param x the samples, {@code (N, ...)}
     * @param forward the factors of the values, {@code (N)}
     * @param backward the factors of the gradient, {@code (N)}
     */
    public static NDArray multiply(ForwardPass pass, NDArray x, NDArray forward, NDArray backward) {
        Ops ops = pass.ops();
        NDArray differentiated = ops.affine(x, 0, backward, null);
        NDArray rest = ops.affine(x, 0, forward.sub(backward), null);
        return differentiated.add(rest.stopGradient());
    }
}
