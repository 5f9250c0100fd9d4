package io.residuum.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.Buffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/**
 * Copies Java values into arrays and back, whatever type a network computes in.
 *
 * <p>Everything that may reach a recorded operation is created here and not by {@code
 * NDManager.create}: see {@link Ops#create}.
 */
public final class Values {
    private Values() {}

    /**
     * Creates an array of a floating-point type.
     *
     * @param manager its owner
     * @param values the values, row by row
     * @param shape its shape
     * @param type its type
     * @return a new array in the engine's own memory
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static NDArray create(NDManager manager, float[] values, Shape shape, DataType type) {
        return converted(
                create(manager, FloatBuffer.wrap(values), values.length, shape, DataType.FLOAT32),
                type);
    }

    /**
     * Creates an array of a floating-point type, without rounding the values before.
     *
     * @param manager its owner
     * @param values the values, row by row
     * @param shape its shape
     * @param type its type
     * @return a new array in the engine's own memory
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static NDArray create(NDManager manager, double[] values, Shape shape, DataType type) {
        return converted(
                create(manager, DoubleBuffer.wrap(values), values.length, shape, DataType.FLOAT64),
                type);
    }

    private static NDArray converted(NDArray exact, DataType type) {
        if (exact.getDataType() == type) {
            return exact;
        }
        try (exact) {
            return exact.toType(type, true);
        }
    }

    /**
     * Creates an array of 32-bit integers.
     *
     * @param manager its owner
     * @param values the values, row by row
     * @param shape its shape
     * @return a new array in the engine's own memory
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static NDArray create(NDManager manager, int[] values, Shape shape) {
        return create(manager, IntBuffer.wrap(values), values.length, shape, DataType.INT32);
    }

    /**
     * Creates an array of 64-bit integers.
     *
     * @param manager its owner
     * @param values the values, row by row
     * @param shape its shape
     * @return a new array in the engine's own memory
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static NDArray create(NDManager manager, long[] values, Shape shape) {
        return create(manager, LongBuffer.wrap(values), values.length, shape, DataType.INT64);
    }

    private static NDArray create(
            NDManager manager, Buffer values, int count, Shape shape, DataType type) {
        if (shape.size() != count) {
            throw new IllegalArgumentException(
                    "an array of shape %s needs %d values, got %d"
                            .formatted(shape, shape.size(), count));
        }
        return Ops.of(manager).create(manager, values, shape, type);
    }

    /**
     * Reads an array, waiting for it.
     *
     * @param array any floating type
     * @return its values, row by row
     */
    public static float[] floats(NDArray array) {
        if (array.getDataType() == DataType.FLOAT32) {
            return array.toFloatArray();
        }
        try (NDArray single = array.toType(DataType.FLOAT32, true)) {
            return single.toFloatArray();
        }
    }
}
