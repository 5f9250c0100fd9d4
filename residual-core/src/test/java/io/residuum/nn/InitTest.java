package io.residuum.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.nn.Init.Fan;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(Seeds.class)
class InitTest {
    /** A grouped convolution: fan in 16 x 9, fan out 96 x 9. */
    private static final Shape CONV = new Shape(96, 16, 3, 3);

    private static final double IN = 16 * 9;
    private static final double OUT = 96 * 9;

    private static double[] draw(Init init, Shape shape, long seed) {
        float[] values = new float[Math.toIntExact(shape.size())];
        init.fill(values, shape, new SplittableRandom(seed));
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return wide;
    }

    /** Initialization, its variance, and its bound. */
    static Stream<Arguments> inits() {
        double none = Double.POSITIVE_INFINITY;
        // The variance of a standard normal cut off at 2: 1 - 4 phi(2) / (2 Phi(2) - 1).
        double cut = 1 - 4 * Math.exp(-2) / Math.sqrt(2 * Math.PI) / 0.954499736103642;
        return Stream.of(
                Arguments.of(new InitSpec.HeNormal(Fan.OUT), 2 / OUT, none),
                Arguments.of(new InitSpec.HeNormal(Fan.IN), 2 / IN, none),
                Arguments.of(new InitSpec.HeNormal(Fan.AVERAGE), 4 / (IN + OUT), none),
                Arguments.of(new InitSpec.HeUniform(Fan.IN), 2 / IN, Math.sqrt(6 / IN)),
                Arguments.of(new InitSpec.XavierNormal(), 2 / (IN + OUT), none),
                Arguments.of(
                        new InitSpec.XavierUniform(), 2 / (IN + OUT), Math.sqrt(6 / (IN + OUT))),
                Arguments.of(new InitSpec.LecunNormal(), 1 / IN, none),
                Arguments.of(new InitSpec.Normal(0.3), 0.09, none),
                Arguments.of(new InitSpec.TruncatedNormal(0.3), 0.09 * cut, 0.6),
                Arguments.of(new InitSpec.Uniform(0.6), 0.12, 0.6));
    }

    @ParameterizedTest
    @MethodSource("inits")
    void hasItsVarianceAndBound(InitSpec init, double variance, double bound) {
        double[] values = draw(init.toInit(), CONV, Seeds.SEED);
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values).map(v -> v * v).average().orElseThrow();
        // Five standard errors, those of a normal distribution, whose tails are the longest.
        double n = values.length;
        assertEquals(0, mean, 5 * Math.sqrt(variance / n));
        assertEquals(variance, squares, 5 * variance * Math.sqrt(2 / n));
        assertTrue(Tensors.largest(values) <= bound * (1 + 1e-6));
        double reached = Double.isInfinite(bound) ? 3.5 * Math.sqrt(variance) : 0.99 * bound;
        assertTrue(Tensors.largest(values) > reached, "the tails are there");
    }

    @Test
    void fansOfALinearWeightAreItsDimensions() {
        Shape shape = new Shape(300, 20);
        double[] in = draw(Init.fanUniform(Fan.IN, 1), shape, 1);
        double[] out = draw(Init.fanUniform(Fan.OUT, 1), shape, 1);
        assertEquals(Math.sqrt(3.0 / 20), Tensors.largest(in), 1e-3);
        assertEquals(Math.sqrt(3.0 / 300), Tensors.largest(out), 1e-3);
    }

    @Test
    void aConstantIsOneValue() {
        double[] values = draw(new InitSpec.Constant(-0.5).toInit(), new Shape(4), 0);
        assertArrayEquals(new double[] {-0.5, -0.5, -0.5, -0.5}, values);
    }

    private static final ModelSpec TWINS =
            Nets.spec(new Sequential("", new Linear("a", 8), new Linear("b", 8)), 8);

    private static Map<String, double[]> weights(Backend backend, long seed) {
        try (Network network = Network.create(TWINS, backend, seed)) {
            return Nets.values(network.state());
        }
    }

    @EachEngine
    void weightsFollowFromSeedAndPath(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        Map<String, double[]> first = weights(backend, 1);
        assertArrayEquals(first.get("a.weight"), weights(backend, 1).get("a.weight"));
        assertFalse(Arrays.equals(first.get("a.weight"), weights(backend, 2).get("a.weight")));
        assertFalse(Arrays.equals(first.get("a.weight"), first.get("b.weight")));
    }

    /** A change here changes what a seed gives: published runs could not be repeated. */
    @EachEngine
    void theWeightsOfASeedStayTheSame(EngineChoice engine) {
        double[] a = weights(Engines.backend(engine), 42).get("a.weight");
        assertEquals(PINNED, Arrays.toString(Arrays.copyOf(a, 3)));
    }

    private static final String PINNED =
            "[-0.24078406393527985, 0.5012657046318054, 0.27816882729530334]";
}
