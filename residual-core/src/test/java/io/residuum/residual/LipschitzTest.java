package io.residuum.residual;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.residuum.nn.ActivationBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.testing.Engines;
import io.residuum.testing.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lipschitz constants of activations are their largest slopes. */
class LipschitzTest {
    private static final int POINTS = 16_001;
    private static final double STEP = 1e-3;

    private static ActivationBlock activation(String json, Shape shape) {
        return (ActivationBlock)
                SpecJson.standard().parse(json, "activation", ActivationSpec.class).newBlock(shape);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"relu\"",
                "\"relu6\"",
                "\"leakyRelu\"",
                "{\"type\": \"leakyRelu\", \"slope\": -3}",
                "\"elu\"",
                "{\"type\": \"elu\", \"alpha\": 2.5}",
                "\"selu\"",
                "\"gelu\"",
                "\"geluTanh\"",
                "\"quickGelu\"",
                "\"silu\"",
                "\"mish\"",
                "\"sigmoid\"",
                "\"hardSigmoid\"",
                "\"hardSwish\"",
                "\"tanh\"",
                "\"softplus\"",
                "{\"type\": \"softCap\", \"cap\": 3}"
            })
    void areTheLargestSlopes(String json) {
        Shape shape = new Shape(1, POINTS);
        double[] points = new double[POINTS];
        for (int i = 0; i < POINTS; i++) {
            points[i] = (i - POINTS / 2) * STEP;
        }
        ActivationBlock activation = activation(json, shape);
        try (NDManager manager = Engines.both().get(0).newManager()) {
            NDArray x = Tensors.create(manager, points, shape, DataType.FLOAT64);
            ParameterStore store = new ParameterStore(manager, false);
            double[] y =
                    Tensors.values(
                            activation.forward(ForwardPass.of(store, new NDList(x), false), x));
            double steepest = 0;
            for (int i = 1; i < POINTS; i++) {
                steepest = Math.max(steepest, Math.abs(y[i] - y[i - 1]) / STEP);
            }
            // Some functions round to float32.
            assertEquals(steepest, activation.lipschitz(), 1.5e-3 * steepest, json);
        }
    }

    @Test
    void isInfiniteForSquares() {
        assertEquals(
                Double.POSITIVE_INFINITY,
                activation("\"reluSquared\"", new Shape(1, 2)).lipschitz());
    }
}
