package io.residuum.nn;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.nn.pool.MaskedMeanBlock;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import org.junit.jupiter.api.Test;

class MaskedMeanTest {
    private static final int BATCH = 3;
    private static final int LENGTH = 4;
    private static final int WIDTH = 5;

    /** All positions, some of them, none. */
    private static final long[] MASK = {1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0};

    private static final ModelSpec SPEC = Nets.spec(new GlobalAveragePool("", true), LENGTH, WIDTH);

    private static double[] expected(double[] x) {
        double[] mean = new double[BATCH * WIDTH];
        for (int n = 0; n < BATCH; n++) {
            int open = 0;
            for (int t = 0; t < LENGTH; t++) {
                open += (int) MASK[n * LENGTH + t];
            }
            for (int t = 0; t < LENGTH && open > 0; t++) {
                for (int c = 0; c < WIDTH; c++) {
                    double value = x[(n * LENGTH + t) * WIDTH + c];
                    mean[n * WIDTH + c] += MASK[n * LENGTH + t] * value / open;
                }
            }
        }
        return mean;
    }

    private static NDArray mask(NDManager manager, long... dims) {
        NDArray mask = manager.create(MASK, new Shape(dims));
        mask.setName(MaskedMeanBlock.MASK);
        return mask;
    }

    @EachEngine
    void countsOpenPositionsOnly(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = Network.create(SPEC, backend, 1);
                NDManager manager = backend.newManager()) {
            double[] x = Tensors.draw(1, BATCH * LENGTH * WIDTH);
            NDArray input =
                    Tensors.create(manager, x, new Shape(BATCH, LENGTH, WIDTH), DataType.FLOAT32);
            NDArray y = network.predict(new NDList(input, mask(manager, BATCH, LENGTH)));
            assertClose(expected(x), Tensors.values(y), 1e-6, "masked");
            double[] all = Tensors.values(network.predict(new NDList(input)));
            assertClose(Tensors.values(input.mean(new int[] {1})), all, 1e-6, "no mask");
            NDList odd = new NDList(input, mask(manager, LENGTH, BATCH));
            String message =
                    assertThrows(IllegalArgumentException.class, () -> network.predict(odd))
                            .getMessage();
            assertTrue(message.contains("must have 3 in its first dimension"), message);
            for (float value : new float[] {2, 0.5f, -10_000}) {
                NDArray additive = manager.full(new Shape(BATCH, LENGTH), value);
                additive.setName(MaskedMeanBlock.MASK);
                String found =
                        assertThrows(
                                        IllegalArgumentException.class,
                                        () -> network.predict(new NDList(input, additive)))
                                .getMessage();
                assertTrue(found.endsWith("hidden positions, found " + value), found);
            }
        }
    }

    @EachEngine
    void itsGradientIsThatOfTheMean(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        ModelSpec spec =
                Nets.spec(
                        new Sequential(
                                "",
                                new Linear("map", 2, false, new InitSpec.XavierNormal()),
                                new GlobalAveragePool("pool", true)),
                        LENGTH,
                        WIDTH);
        try (Network network = Network.create(spec, backend, 1, DataType.FLOAT64);
                NDManager manager = backend.newManager();
                var collector = backend.newGradientCollector()) {
            double[] values = Tensors.draw(1, BATCH * LENGTH * WIDTH);
            Shape shape = new Shape(BATCH, LENGTH, WIDTH);
            NDArray x = Tensors.create(manager, values, shape, DataType.FLOAT64);
            NDArray y = network.forward(new NDList(x, mask(manager, BATCH, LENGTH)), true);
            collector.backward(y.sum());
            double[] means = expected(values);
            double[] sums = new double[2 * WIDTH];
            for (int c = 0; c < WIDTH; c++) {
                for (int n = 0; n < BATCH; n++) {
                    sums[c] += means[n * WIDTH + c];
                }
                sums[WIDTH + c] = sums[c];
            }
            try (NDArray g = network.parameters().get("map.weight").getArray().getGradient()) {
                assertClose(sums, Tensors.values(g), 1e-9, "gradient");
            }
        }
    }

    @Test
    void needsASequence() {
        ModelSpec image = Nets.spec(new GlobalAveragePool("", true), 3, 4, 4);
        assertThrows(SpecException.class, image::newBlock);
    }
}
