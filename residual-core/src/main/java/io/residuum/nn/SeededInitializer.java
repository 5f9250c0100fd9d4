package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import io.residuum.engine.Values;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGeneratorFactory;

/** Adapts an {@link Init} with a seed to DJL. */
public final class SeededInitializer implements Initializer {
    private final Init init;
    private final long seed;

    SeededInitializer(Init init) {
        this(init, 0);
    }

    private SeededInitializer(Init init, long seed) {
        this.init = init;
        this.seed = seed;
    }

    /** {@return this initialization with another seed} */
    public SeededInitializer withSeed(long newSeed) {
        return new SeededInitializer(init, newSeed);
    }

    /**
     * {@return true if a parameter starts at 0, whatever the seed}
     *
     * @param parameter a parameter of a {@link Layer}
     */
    public static boolean startsAtZero(Parameter parameter) {
        return parameter.getInitializer() instanceof SeededInitializer seeded
                && seeded.init instanceof Init.Constant constant
                && constant.value() == 0;
    }

    /**
     * {@return the initial values of a parameter that its shape determines; empty for others}
     *
     * @param parameter a parameter of a {@link Layer}
     */
    public static Optional<Supplier<float[]>> definedValues(Parameter parameter) {
        return parameter.getInitializer() instanceof SeededInitializer seeded
                        && seeded.init instanceof Init.Defined
                ? Optional.of(() -> seeded.values(parameter.getShape()))
                : Optional.empty();
    }

    @Override
    public NDArray initialize(NDManager manager, Shape shape, DataType type) {
        return Values.create(manager, values(shape), shape, type);
    }

    private float[] values(Shape shape) {
        float[] values = new float[Math.toIntExact(shape.size())];
        init.fill(values, shape, RandomGeneratorFactory.of("L64X128MixRandom").create(seed));
        return values;
    }
}
