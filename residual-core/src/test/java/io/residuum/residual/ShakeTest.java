package io.residuum.residual;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Random factors that differ between the forward and the backward pass. */
class ShakeTest {
    private static final int SAMPLES = 3000;

    /** Outputs and input gradients of one training step, and outputs in evaluation. */
    private record Step(double[] x, double[] y, double[] gradient, double[] evaluated) {

        static Step of(EngineChoice engine, LayerSpec layer) {
            try (Network network =
                            Network.create(
                                    Nets.spec(layer, 2),
                                    Engines.backend(engine),
                                    1,
                                    DataType.FLOAT64);
                    NDManager manager = network.backend().newManager()) {
                network.parameters()
                        .forEach(
                                (path, p) -> {
                                    // Branch "a" doubles its input, branch "b" negates it.
                                    double v = path.contains("b.") ? -1 : 2;
                                    double[] eye = {v, 0, 0, v};
                                    Tensors.set(p.getArray(), eye);
                                });
                Shape shape = new Shape(SAMPLES, 2);
                double[] values = Tensors.draw(3, shape.size());
                NDArray x = Tensors.create(manager, values, shape, DataType.FLOAT64);
                NDArray ones = manager.ones(shape, DataType.FLOAT64);
                network.reseed(5);
                double[] y = Tensors.values(network.forward(new NDList(x), true));
                network.reseed(5);
                double[] gradient = Nets.gradients(network, x, true, ones).get("");
                double[] evaluated = Tensors.values(network.predict(new NDList(x)));
                return new Step(values, y, gradient, evaluated);
            }
        }

        double forward(int i) {
            return y[i] / x[i];
        }
    }

    private static LayerSpec layer(String json) {
        return SpecJson.standard().parse(json, "layer", LayerSpec.class);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    @EachEngine
    void shakeDropMultipliesByItsEquationForwardAndBackward(EngineChoice engine) {
        Step step =
                Step.of(
                        engine,
                        layer(
                                """
                                {"type": "residual", "shortcut": "identity",
                                 "branch": {"type": "linear", "name": "a", "units": 2, "bias": false},
                                 "scale": {"type": "shakeDrop", "rate": 0.4, "schedule": "constant"}}
                                """));
        double[] alpha = new double[SAMPLES];
        int dropped = 0;
        double gradients = 0;
        for (int n = 0; n < SAMPLES; n++) {
            int i = 2 * n;
            double f = (step.forward(i) - 1) / 2;
            double b = (step.gradient[i] - 1) / 2;
            assertEquals(f, (step.forward(i + 1) - 1) / 2, 1e-6, "one factor a sample");
            assertEquals(b, (step.gradient[i + 1] - 1) / 2, 1e-6);
            if (Math.abs(f - 1) < 1e-6) {
                assertEquals(1, b, 1e-6, "a kept branch has its gradient");
                continue;
            }
            assertTrue(f > -1 && f < 1 && b > 0 && b < 1, f + " " + b);
            assertTrue(Math.abs(f - b) > 1e-9, "drawn apart");
            alpha[dropped++] = f;
            gradients += b;
        }
        assertEquals(0.4, (double) dropped / SAMPLES, 0.04);
        assertEquals(0, mean(Arrays.copyOf(alpha, dropped)), 0.08);
        assertEquals(0.5, gradients / dropped, 0.05);
        for (int i = 0; i < step.x.length; i++) {
            assertEquals(step.x[i] * (1 + 2 * 0.6), step.evaluated[i], 1e-6, "E[b + a - b a]");
        }
    }

    @EachEngine
    void shakeShakeMixesTwoBranchesForwardAndBackward(EngineChoice engine) {
        Step step =
                Step.of(
                        engine,
                        layer(
                                """
                                {"type": "residual", "branch": {"type": "parallel", "merge": "shake",
                                 "layers": [
                                  {"type": "linear", "name": "a", "units": 2, "bias": false},
                                  {"type": "linear", "name": "b", "units": 2, "bias": false}]}}
                                """));
        double[] alphas = new double[SAMPLES];
        double[] betas = new double[SAMPLES];
        for (int n = 0; n < SAMPLES; n++) {
            // 1 + 2 a - (1 - a) = 3 a
            alphas[n] = step.forward(2 * n) / 3;
            betas[n] = step.gradient[2 * n] / 3;
            assertTrue(alphas[n] > -1e-6 && alphas[n] < 1 + 1e-6, "a " + alphas[n]);
            assertTrue(betas[n] > -1e-6 && betas[n] < 1 + 1e-6, "b " + betas[n]);
        }
        assertEquals(0.5, mean(alphas), 0.03);
        assertEquals(0.5, mean(betas), 0.03);
        double[] products = new double[SAMPLES];
        Arrays.setAll(products, n -> (alphas[n] - 0.5) * (betas[n] - 0.5));
        assertEquals(0, mean(products), 0.01, "independent");
        double[] expected = Arrays.stream(step.x).map(v -> 1.5 * v).toArray();
        assertClose(expected, step.evaluated, 1e-6, "the mean in evaluation");
    }

    @Test
    void aRateByDepthNeedsADepth() {
        LayerSpec unit =
                layer(
                        """
                        {"type": "residual", "branch": {"type": "linear", "units": 2},
                         "scale": "shakeDrop"}
                        """);
        SpecException e = assertThrows(SpecException.class, () -> unit.newBlock(new Shape(-1, 2)));
        assertTrue(e.getMessage().contains("needs the depth of its unit"), e.getMessage());
        assertTrue(
                unit.atDepth(1, 4).toString().contains("ShakeDrop[rate=0.25"),
                unit.atDepth(1, 4).toString());
    }
}
