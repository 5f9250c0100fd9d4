package io.residuum.nn;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;

/**
 * Draws the initial values of a parameter. It runs in Java, so that a seed gives the same network
 * on every engine and machine. The constants and methods give those of the literature.
 */
@FunctionalInterface
public interface Init {
    /** Sets all values to 0. */
    Init ZEROS = constant(0f);

    /** Sets all values to 1. */
    Init ONES = constant(1f);

    /**
     * Fills an array.
     *
     * @param values the parameter's values in row-major order
     * @param shape its shape: {@code (out, in / groups, kh, kw)} or {@code (out, in)} for weights
     * @param random the source of randomness
     */
    void fill(float[] values, Shape shape, RandomGenerator random);

    /** {@return an initialization with one value everywhere} */
    static Init constant(float value) {
        return new Constant(value);
    }

    /**
     * One value everywhere.
     *
     * @param value the value
     */
    record Constant(float value) implements Init {
        @Override
        public void fill(float[] values, Shape shape, RandomGenerator random) {
            Arrays.fill(values, value);
        }
    }

    /**
     * Values that the shape alone determines, such as a table of sinusoids. A file of weights may
     * leave them out.
     *
     * @param values computes them without randomness
     */
    record Defined(Init values) implements Init {
        @Override
        public void fill(float[] array, Shape shape, RandomGenerator random) {
            values.fill(array, shape, random);
        }
    }

    /**
     * {@return an initialization with these values}
     *
     * @param given one value for each element, in row-major order
     */
    static Init values(double... given) {
        return (values, shape, random) -> fill(values, Arrays.stream(given).iterator()::nextDouble);
    }

    /**
     * {@return a normal distribution around 0}
     *
     * @param std the standard deviation
     */
    static Init normal(double std) {
        return (values, shape, random) -> fill(values, () -> random.nextGaussian() * std);
    }

    /**
     * {@return a uniform distribution around 0}
     *
     * @param bound the largest absolute value
     */
    static Init uniform(double bound) {
        return (values, shape, random) -> fill(values, () -> (2 * random.nextDouble() - 1) * bound);
    }

    /**
     * {@return a normal distribution around 0, cut off at two standard deviations, as usual in
     * vision transformers}
     *
     * @param std the standard deviation before the cut
     */
    static Init truncatedNormal(double std) {
        return (values, shape, random) ->
                fill(
                        values,
                        () -> {
                            double z = random.nextGaussian();
                            while (Math.abs(z) > 2) {
                                z = random.nextGaussian();
                            }
                            return z * std;
                        });
    }

    /**
     * {@return a normal distribution with variance {@code gain^2 / fan}}
     *
     * @param fan the connections to count
     * @param gain the factor; sqrt(2) for ReLU (He et al. 2015, Section 2.2), 1 for linear units
     *     (Glorot and Bengio 2010 with {@link Fan#AVERAGE}; LeCun et al. 1998 with {@link Fan#IN})
     */
    static Init fanNormal(Fan fan, double gain) {
        return (values, shape, random) -> {
            double std = gain / Math.sqrt(fan.of(shape));
            fill(values, () -> random.nextGaussian() * std);
        };
    }

    /**
     * {@return a uniform distribution with variance {@code gain^2 / fan}}
     *
     * @param fan the connections to count
     * @param gain the factor, as in {@link #fanNormal}
     */
    static Init fanUniform(Fan fan, double gain) {
        return (values, shape, random) -> {
            double bound = gain * Math.sqrt(3 / fan.of(shape));
            fill(values, () -> (2 * random.nextDouble() - 1) * bound);
        };
    }

    private static void fill(float[] values, DoubleSupplier draw) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) draw.getAsDouble();
        }
    }

    /** The connections of a unit that an initialization counts. */
    enum Fan {
        /** Connections into a unit. */
        IN,
        /** Connections out of a unit. */
        OUT,
        /** The mean of both. */
        AVERAGE;

        double of(Shape shape) {
            double field = 1;
            for (int i = 2; i < shape.dimension(); i++) {
                field *= shape.get(i);
            }
            double in = (shape.dimension() > 1 ? shape.get(1) : shape.get(0)) * field;
            double out = shape.get(0) * field;
            return switch (this) {
                case IN -> in;
                case OUT -> out;
                case AVERAGE -> (in + out) / 2;
            };
        }
    }
}
