package io.residuum.nn;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/** Initializations from the literature. */
public final class Inits {
    public static final Init ZEROS = (values, shape, random) -> {};
    public static final Init ONES = constant(1f);

    private Inits() {}

    /** {@return an initialization with one value everywhere} */
    public static Init constant(float value) {
        return (values, shape, random) -> Arrays.fill(values, value);
    }

    /**
     * {@return a normal distribution around 0}
     *
     * @param std the standard deviation
     */
    public static Init normal(double std) {
        return (values, shape, random) -> fill(values, () -> random.nextGaussian() * std);
    }

    /**
     * {@return a uniform distribution around 0}
     *
     * @param bound the largest absolute value
     */
    public static Init uniform(double bound) {
        return (values, shape, random) -> fill(values, () -> (2 * random.nextDouble() - 1) * bound);
    }

    /**
     * {@return a normal distribution around 0, cut off at two standard deviations, as usual in
     * vision transformers}
     *
     * @param std the standard deviation before the cut
     */
    public static Init truncatedNormal(double std) {
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
    public static Init fanNormal(Fan fan, double gain) {
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
    public static Init fanUniform(Fan fan, double gain) {
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
    public enum Fan {
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
