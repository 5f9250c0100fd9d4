package io.residuum.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.training.GradientCollector;
import io.residuum.testing.Engines;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The copies of a GPU, on the device of the tests. Only the memory of a GPU's is pinned. */
class PtTransferTest {
    private final Backend backend = Engines.backend(EngineChoice.PYTORCH);
    private final PtTransfer transfer = PtTransfer.of(backend.device());

    @Test
    void valuesArriveAndCanHaveGradients() {
        try (NDManager manager = backend.newManager()) {
            NDArray x = upload(manager, 1, -2, 3);
            assertEquals(backend.device(), x.getDevice());
            x.setRequiresGradient(true);
            try (GradientCollector collector = backend.newGradientCollector()) {
                collector.backward(x.square().sum());
            }
            assertArrayEquals(new float[] {2, -4, 6}, x.getGradient().toFloatArray());
            long[] ids = {1L << 40, -1};
            Shape shape = new Shape(2, 1);
            NDArray indices =
                    transfer.upload(
                            (PtNDManager) manager, LongBuffer.wrap(ids), shape, DataType.INT64);
            assertEquals(shape, indices.getShape());
            assertArrayEquals(ids, indices.toLongArray());
        }
    }

    @Test
    void valuesComeBackAfterLaterOperations() {
        try (NDManager manager = backend.newManager()) {
            NDArray x = upload(manager, 1, 2, Float.NaN);
            Supplier<float[]> fetched = transfer.download((PtNDArray) x);
            NDArray later = upload(manager, 5, 5, 5);
            for (int i = 0; i < 20; i++) {
                later = later.mul(later).sqrt();
            }
            assertArrayEquals(new float[] {1, 2, Float.NaN}, fetched.get());
            assertArrayEquals(new float[] {5, 5, 5}, later.toFloatArray());
        }
    }

    private NDArray upload(NDManager manager, float... values) {
        return transfer.upload(
                (PtNDManager) manager,
                FloatBuffer.wrap(values),
                new Shape(values.length),
                DataType.FLOAT32);
    }
}
