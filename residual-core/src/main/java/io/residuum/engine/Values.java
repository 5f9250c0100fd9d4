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
 * Copies Java values into arrays and back, for any element type.
 *
 * <p>Arrays are created here and not by {@code NDManager.create}, whose memory a garbage collection
 * may free too early: see {@link Ops#create}.
 */
public final class Values {
    private Values() {}

    /**
     * {@return a new array of a floating-point type, in the engine's memory}
     *
     * @param manager the owner
     * @param values the values in row-major order
     * @throws IllegalArgumentException if the shape has another number of elements
     */
    public static NDArray create(NDManager manager, float[] values, Shape shape, DataType type) {
        return convert(
                create(manager, FloatBuffer.wrap(values), values.length, shape, DataType.FLOAT32),
                type);
    }

    /** Creates an array as from floats, but without rounding the values to float32 first. */
    public static NDArray create(NDManager manager, double[] values, Shape shape, DataType type) {
        return convert(
                create(manager, DoubleBuffer.wrap(values), values.length, shape, DataType.FLOAT64),
                type);
    }

    /**
     * Replaces the values of an array.
     *
     * @param array an array of any floating-point type
     * @param values as many values as it has elements, in row-major order
     */
    public static void assign(NDArray array, float... values) {
        try (NDArray fresh =
                create(array.getManager(), values, array.getShape(), array.getDataType())) {
            fresh.copyTo(array);
        }
    }

    private static NDArray convert(NDArray exact, DataType type) {
        if (exact.getDataType() == type) {
            return exact;
        }
        try (exact) {
            return exact.toType(type, true);
        }
    }

    /** Creates an array of 32-bit integers; otherwise as from floats. */
    public static NDArray create(NDManager manager, int[] values, Shape shape) {
        return create(manager, IntBuffer.wrap(values), values.length, shape, DataType.INT32);
    }

    /** Creates an array of 64-bit integers; otherwise as from floats. */
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

    /** Waits for an array of any integer type and returns its values in row-major order. */
    public static long[] longs(NDArray array) {
        if (array.getDataType() == DataType.INT64) {
            return array.toLongArray();
        }
        try (NDArray wide = array.toType(DataType.INT64, true)) {
            return wide.toLongArray();
        }
    }

    /** Waits for an array of any floating type and returns its values in row-major order. */
    public static float[] floats(NDArray array) {
        if (array.getDataType() == DataType.FLOAT32) {
            return array.toFloatArray();
        }
        try (NDArray single = array.toType(DataType.FLOAT32, true)) {
            return single.toFloatArray();
        }
    }
}
