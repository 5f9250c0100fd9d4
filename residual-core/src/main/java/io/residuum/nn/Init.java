package io.residuum.nn;

import ai.djl.ndarray.types.Shape;
import java.util.random.RandomGenerator;

/**
 * Draws the initial values of a parameter. It runs in Java, so that a seed gives the same network
 * on every engine and machine.
 */
@FunctionalInterface
public interface Init {

    /**
     * Fills an array.
     *
     * @param values the parameter's values in row-major order
     * @param shape its shape: {@code (out, in / groups, kh, kw)} or {@code (out, in)} for weights
     * @param random the source of randomness
     */
    void fill(float[] values, Shape shape, RandomGenerator random);
}
