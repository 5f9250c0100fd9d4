package io.residuum.nn;

import ai.djl.ndarray.types.Shape;
import java.util.random.RandomGenerator;

/**
 * Draws the first values of a parameter, in Java: the same seed gives the same network on every
 * engine and machine.
 */
@FunctionalInterface
public interface Init {

    /**
     * Fills an array.
     *
     * @param values the parameter's values, row by row
     * @param shape its shape: {@code (out, in / groups, kh, kw)} or {@code (out, in)} for weights
     * @param random where randomness comes from
     */
    void fill(float[] values, Shape shape, RandomGenerator random);
}
