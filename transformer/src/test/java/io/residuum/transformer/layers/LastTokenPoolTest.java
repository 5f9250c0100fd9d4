package io.residuum.transformer.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.nn.pool.MaskedMeanBlock;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Compares the pool with the position that a loop in Java finds. */
class LastTokenPoolTest {
    private static final int LENGTH = 5;
    private static final int WIDTH = 3;

    /** No padding, padding on the right, on the left, on both sides, within, one token, none. */
    private static final long[][] MASKS = {
        {1, 1, 1, 1, 1},
        {1, 1, 1, 0, 0},
        {0, 0, 1, 1, 1},
        {0, 1, 1, 1, 0},
        {1, 0, 1, 0, 0},
        {1, 0, 0, 0, 0},
        {0, 0, 0, 0, 0}
    };

    private static final int BATCH = MASKS.length;
    private static final ModelSpec SPEC = Nets.spec(new LastTokenPool(""), LENGTH, WIDTH);

    /** Row n, position t, channel c holds {@code 100 n + 10 t + c}. */
    private static double[] values() {
        double[] x = new double[BATCH * LENGTH * WIDTH];
        for (int i = 0; i < x.length; i++) {
            int row = i / WIDTH;
            x[i] = 100 * (row / LENGTH) + 10 * (row % LENGTH) + i % WIDTH;
        }
        return x;
    }

    private static int last(long[] mask) {
        int last = 0;
        for (int t = 0; t < mask.length; t++) {
            last = mask[t] == 1 ? t : last;
        }
        return last;
    }

    private static double[] expected(boolean masked) {
        double[] y = new double[BATCH * WIDTH];
        for (int i = 0; i < y.length; i++) {
            int n = i / WIDTH;
            y[i] = 100 * n + 10 * (masked ? last(MASKS[n]) : LENGTH - 1) + i % WIDTH;
        }
        return y;
    }

    private static NDArray input(NDManager manager, DataType type) {
        return Tensors.create(manager, values(), new Shape(BATCH, LENGTH, WIDTH), type);
    }

    private static NDArray mask(NDManager manager) {
        NDArray mask = manager.create(MASKS);
        mask.setName(MaskedMeanBlock.MASK);
        return mask;
    }

    @EachEngine
    void takesTheLastUnmaskedPosition(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = Network.create(SPEC, backend, 1);
                NDManager manager = backend.newManager()) {
            NDArray x = input(manager, DataType.FLOAT32);
            NDList padded = new NDList(x, mask(manager));
            for (boolean compiled : new boolean[] {false, true}) {
                double[] y = Tensors.values(network.predict(padded));
                assertArrayEquals(expected(true), y, "compiled: " + compiled);
                double[] last = Tensors.values(network.predict(new NDList(x)));
                assertArrayEquals(expected(false), last, "no mask, compiled: " + compiled);
                network.compile(CompileOptions.DEFAULT, Assertions::fail);
            }
            NDArray narrow = manager.ones(new Shape(BATCH, LENGTH - 1));
            narrow.setName(MaskedMeanBlock.MASK);
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> network.predict(new NDList(x, narrow)))
                            .getMessage();
            assertTrue(message.contains("must be (7, 5), got (7, 4)"), message);
        }
    }

    @EachEngine
    void itsGradientGoesToThatPosition(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        Linear map = new Linear("map", 2, false, new InitSpec.XavierNormal());
        ModelSpec spec =
                Nets.spec(new Sequential("", map, new LastTokenPool("pool")), LENGTH, WIDTH);
        try (Network network = Network.create(spec, backend, 1, DataType.FLOAT64);
                NDManager manager = backend.newManager();
                var collector = backend.newGradientCollector()) {
            NDList inputs = new NDList(input(manager, DataType.FLOAT64), mask(manager));
            collector.backward(network.forward(inputs, true).sum());
            double[] sums = new double[2 * WIDTH];
            double[] pooled = expected(true);
            for (int i = 0; i < pooled.length; i++) {
                sums[i % WIDTH] += pooled[i];
                sums[WIDTH + i % WIDTH] += pooled[i];
            }
            try (NDArray g = network.parameters().get("map.weight").getArray().getGradient()) {
                assertArrayEquals(sums, Tensors.values(g), 1e-9);
            }
        }
    }

    @Test
    void needsASequence() {
        ModelSpec image = Nets.spec(new LastTokenPool(""), 3, 4, 4);
        assertThrows(SpecException.class, image::newBlock);
    }
}
