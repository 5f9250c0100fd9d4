package io.residuum.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Ops;
import io.residuum.model.Network;
import io.residuum.optim.ParameterGroups.Trained;
import io.residuum.spec.SpecException;
import io.residuum.train.Recipe;
import io.residuum.train.Tiny;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Against PyTorch's documented algorithms, written out a second time in double precision for one
 * weight.
 */
class OptimizerTest {
    private static final double[] GRADIENTS = {3, -3, 0.1, 0, 1e-4};
    private static final double[] RATES = {0.1, 0.2, 0.05, 0.05, 0.3};

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void sgdWithMomentumKeepsTheRateOutOfTheVelocity(EngineChoice engine) {
        double w = 0.5;
        double v = 0;
        double[] expected = new double[GRADIENTS.length];
        for (int i = 0; i < expected.length; i++) {
            v = 0.9 * v + GRADIENTS[i] + 0.01 * w;
            w -= RATES[i] * v;
            expected[i] = w;
        }
        assertArrayEquals(
                expected, path(engine, new OptimizerSpec.Sgd(0.9, false, 0.01), "in.weight"), 1e-6);
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void nesterovLooksAhead(EngineChoice engine) {
        double w = 0.5;
        double v = 0;
        double[] expected = new double[GRADIENTS.length];
        for (int i = 0; i < expected.length; i++) {
            double g = GRADIENTS[i] + 0.01 * w;
            v = 0.9 * v + g;
            w -= RATES[i] * (g + 0.9 * v);
            expected[i] = w;
        }
        assertArrayEquals(
                expected, path(engine, new OptimizerSpec.Sgd(0.9, true, 0.01), "in.weight"), 1e-6);
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void adamWDecaysApartFromTheMoments(EngineChoice engine) {
        double w = 0.5;
        double m = 0;
        double v = 0;
        double[] expected = new double[GRADIENTS.length];
        for (int i = 0; i < expected.length; i++) {
            double g = GRADIENTS[i];
            w -= RATES[i] * 0.05 * w;
            m = 0.9 * m + 0.1 * g;
            v = 0.99 * v + 0.01 * g * g;
            double mHat = m / (1 - Math.pow(0.9, i + 1));
            double vHat = v / (1 - Math.pow(0.99, i + 1));
            w -= RATES[i] * mHat / (Math.sqrt(vHat) + 1e-8);
            expected[i] = w;
        }
        OptimizerSpec adamW = new OptimizerSpec.AdamW(0.9, 0.99, 1e-8, 0.05);
        assertArrayEquals(expected, path(engine, adamW, "in.weight"), 1e-5);
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void adamDecaysThroughTheMoments(EngineChoice engine) {
        double w = 0.5;
        double m = 0;
        double v = 0;
        double[] expected = new double[GRADIENTS.length];
        for (int i = 0; i < expected.length; i++) {
            double g = GRADIENTS[i] + 0.05 * w;
            m = 0.9 * m + 0.1 * g;
            v = 0.99 * v + 0.01 * g * g;
            double mHat = m / (1 - Math.pow(0.9, i + 1));
            double vHat = v / (1 - Math.pow(0.99, i + 1));
            w -= RATES[i] * mHat / (Math.sqrt(vHat) + 1e-8);
            expected[i] = w;
        }
        OptimizerSpec adam = new OptimizerSpec.Adam(0.9, 0.99, 1e-8, 0.05);
        assertArrayEquals(expected, path(engine, adam, "in.weight"), 1e-5);
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void biasesAreNotDecayed(EngineChoice engine) {
        double w = 0.5;
        double[] expected = new double[GRADIENTS.length];
        for (int i = 0; i < expected.length; i++) {
            w -= RATES[i] * GRADIENTS[i];
            expected[i] = w;
        }
        assertArrayEquals(
                expected, path(engine, new OptimizerSpec.Sgd(0, false, 0.01), "in.bias"), 1e-6);
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void weightDecayLeavesOutPatterns(EngineChoice engine) {
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3);
                ParameterGroups trained =
                        new ParameterGroups(
                                network,
                                Recipe.defaults().learningRates(network),
                                true,
                                List.of("out.*", "*.bias"))) {
            assertEquals(
                    List.of("in.weight"),
                    trained.all().stream().filter(Trained::decays).map(Trained::path).toList());
            SpecException unknown =
                    assertThrows(
                            SpecException.class,
                            () ->
                                    new ParameterGroups(
                                            network,
                                            Recipe.defaults().learningRates(network),
                                            false,
                                            List.of("head.*")));
            assertTrue(String.valueOf(unknown.getMessage()).contains("head.*"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void stateIsNamedByParameter(EngineChoice engine) {
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3)) {
            network.freeze("in.weight");
            try (ParameterGroups trained =
                            new ParameterGroups(
                                    network,
                                    Recipe.defaults().learningRates(network),
                                    false,
                                    List.of());
                    NDManager manager = network.backend().newManager()) {
                Optimizer sgd = new OptimizerSpec.Sgd(0.9, false, 0).newOptimizer(trained, manager);
                assertEquals(
                        List.of("momentum.in.bias", "momentum.out.weight", "momentum.out.bias"),
                        List.copyOf(sgd.state().keySet()));
                Optimizer plain = new OptimizerSpec.Sgd(0, false, 0).newOptimizer(trained, manager);
                assertTrue(plain.state().isEmpty());
                Optimizer adamW =
                        new OptimizerSpec.AdamW(0.9, 0.999, 1e-8, 0).newOptimizer(trained, manager);
                assertEquals(
                        List.of("firstMoment.in.bias", "secondMoment.in.bias"),
                        adamW.state().keySet().stream().limit(2).collect(Collectors.toList()));
            }
        }
    }

    /**
     * The values that the parameter's first entry takes, beginning at 0.5, under the gradients and
     * rates above.
     */
    private static double[] path(EngineChoice engine, OptimizerSpec spec, String parameter) {
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3);
                ParameterGroups trained =
                        new ParameterGroups(
                                network,
                                Recipe.defaults().learningRates(network),
                                false,
                                List.of());
                NDManager manager = network.backend().newManager();
                Ops.Pause pause = network.backend().ops().pauseRecording()) {
            Optimizer optimizer = spec.newOptimizer(trained, manager);
            NDArray value = Objects.requireNonNull(network.parameters().get(parameter)).getArray();
            value.muli(0).addi(0.5);
            double[] values = new double[GRADIENTS.length];
            for (int i = 0; i < values.length; i++) {
                for (Trained t : trained.all()) {
                    t.gradient().addi(GRADIENTS[i]);
                }
                optimizer.update(RATES[i], i + 1, manager);
                trained.clear();
                values[i] = value.toFloatArray()[0];
            }
            return values;
        }
    }
}
