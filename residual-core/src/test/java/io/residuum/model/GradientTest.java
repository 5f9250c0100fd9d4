package io.residuum.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Gradients against central finite differences in float64: the derivative of {@code sum(output *
 * weights)} along one drawn direction of each parameter and of the input, which every element of
 * the gradient has a part in, and along the axis of one element.
 */
@ExtendWith(Seeds.class)
class GradientTest {
    private static final double STEP = 1e-6;
    private static final double TOLERANCE = 1e-5;

    /** MXNet computes these two in float32, whatever the type: a step must rise above its noise. */
    private static final double SINGLE_STEP = 1e-3;

    private static final double SINGLE_TOLERANCE = 2e-2;

    static Stream<Arguments> cases() {
        return Engines.with(BlockCases.all());
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("cases")
    void areThoseOfFiniteDifferences(EngineChoice engine, BlockCase c) {
        boolean single =
                engine == EngineChoice.MXNET
                        && (c.name().contains("Gelu[") || c.name().contains("LeakyRelu["));
        try (Network network = Nets.shaken(c.spec(), Engines.backend(engine), DataType.FLOAT64);
                NDManager manager = network.backend().newManager()) {
            // What the engine draws differs from call to call, and shaken units have another
            // gradient in training.
            boolean training = !c.engineDraws() && !c.isShaken();
            new Probe(network, manager, c.input(), training, Seeds.SEED)
                    .check(single ? SINGLE_STEP : STEP, single ? SINGLE_TOLERANCE : TOLERANCE);
        }
    }

    static Stream<Arguments> dropPaths() {
        return Engines.with(BlockCases.dropPaths());
    }

    /** Enough draws of three samples at a rate of 0.4 that all, some and none are dropped. */
    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("dropPaths")
    void areRightWhateverIsDropped(EngineChoice engine, BlockCase c) {
        try (Network network = Nets.shaken(c.spec(), Engines.backend(engine), DataType.FLOAT64);
                NDManager manager = network.backend().newManager()) {
            for (long draw = 0; draw < 8; draw++) {
                new Probe(network, manager, c.input(), true, draw).check(STEP, TOLERANCE);
            }
        }
    }

    /** One network and the arrays that it is probed with. */
    private record Probe(
            Network network, NDArray x, NDArray weights, boolean training, long draws) {
        Probe(Network network, NDManager manager, Shape input, boolean training, long draws) {
            this(
                    network,
                    draw(manager, 1, input),
                    draw(manager, 2, network.block().outputShape(input)),
                    training,
                    draws);
        }

        private static NDArray draw(NDManager manager, long salt, Shape shape) {
            double[] values = Tensors.draw(Seeds.SEED + salt, shape.size());
            return Tensors.create(manager, values, shape, DataType.FLOAT64);
        }

        void check(double step, double tolerance) {
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            arrays.put("", x);
            network.parameters().forEach((path, p) -> arrays.put(path, p.getArray()));
            network.reseed(draws);
            Map<String, double[]> gradients = Nets.gradients(network, x, training, weights);
            arrays.forEach(
                    (path, array) -> {
                        double[] gradient = gradients.get(path);
                        double[] direction =
                                Tensors.draw(Seeds.SEED + path.hashCode(), gradient.length);
                        double[] axis = new double[gradient.length];
                        axis[gradient.length / 2] = 1;
                        for (double[] d : new double[][] {direction, axis}) {
                            double expected = slope(array, d, step);
                            double actual = product(gradient, d);
                            double allowed = tolerance * Math.max(1, Math.abs(expected));
                            assertEquals(expected, actual, allowed, path);
                        }
                    });
        }

        private double slope(NDArray array, double[] direction, double step) {
            double[] at = Tensors.values(array);
            double up = loss(array, moved(at, direction, step));
            double down = loss(array, moved(at, direction, -step));
            Tensors.set(array, at);
            return (up - down) / (2 * step);
        }

        private double loss(NDArray array, double[] values) {
            Tensors.set(array, values);
            network.reseed(draws);
            try (NDArray y = network.forward(new NDList(x), training)) {
                return product(Tensors.values(y), Tensors.values(weights));
            }
        }

        private static double[] moved(double[] from, double[] direction, double step) {
            double[] to = from.clone();
            for (int i = 0; i < to.length; i++) {
                to[i] += step * direction[i];
            }
            return to;
        }

        private static double product(double[] a, double[] b) {
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                sum += a[i] * b[i];
            }
            return sum;
        }
    }
}
