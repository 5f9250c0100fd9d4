package io.residuum.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** Java values and arrays, whatever type a network computes in. */
public final class Values {
    private Values() {}

    /**
     * Makes an array.
     *
     * @param manager its owner
     * @param values the values, row by row
     * @param shape its shape
     * @param type its type
     * @return a new array
     */
    public static NDArray create(NDManager manager, float[] values, Shape shape, DataType type) {
        NDArray array = manager.create(values, shape);
        if (type == DataType.FLOAT32) {
            return array;
        }
        try (array) {
            return array.toType(type, true);
        }
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
