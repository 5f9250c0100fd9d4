package io.residuum.residual;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.residual.Ode.Method;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps of differential equations with known solutions. */
@ExtendWith(Seeds.class)
class OdeTest {
    private static final Ode PLAIN =
            Defaults.fill(OdeBuilder.builder())
                    .layer(new Linear("", 2, false, new InitSpec.XavierNormal()))
                    .build();

    static Stream<Arguments> methods() {
        return Engines.with(List.of(Method.values()));
    }

    /** The error at time 1 of a decaying rotation, {@code dx/dt = A x}, on float64. */
    private static double error(EngineChoice engine, Method method, int steps) {
        double decay = 0.3;
        double turn = 2;
        Ode ode = PLAIN.withMethod(method).withSteps(steps);
        try (Network network =
                        Network.create(
                                Nets.spec(ode, 2), Engines.backend(engine), 1, DataType.FLOAT64);
                NDManager manager = network.backend().newManager()) {
            Tensors.set(
                    network.parameters().get("0.f.0.weight").getArray(),
                    new double[] {-decay, -turn, turn, -decay});
            NDArray x =
                    Tensors.create(manager, new double[] {1, 0}, new Shape(1, 2), DataType.FLOAT64);
            double[] y = Tensors.values(network.predict(new NDList(x)));
            double size = Math.exp(-decay);
            return Math.hypot(y[0] - size * Math.cos(turn), y[1] - size * Math.sin(turn));
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void halvingTheStepDividesTheErrorByTheOrder(EngineChoice engine, Method method) {
        double expected =
                switch (method) {
                    case EULER -> 2;
                    case MIDPOINT, HEUN -> 4;
                    case RK4 -> 16;
                };
        double ratio = error(engine, method, 64) / error(engine, method, 128);
        assertEquals(expected, ratio, 0.05 * expected);
    }

    /** Euler's steps are tied residual units. */
    @Test
    void everyMethodHasTheParametersOfOneStep() {
        for (Method method : Method.values()) {
            assertEquals(
                    List.of("0.f.0.weight"),
                    List.copyOf(
                            PLAIN.withMethod(method)
                                    .withSteps(3)
                                    .newBlock(new Shape(-1, 2))
                                    .namedParameters()
                                    .keySet()));
        }
    }
}
