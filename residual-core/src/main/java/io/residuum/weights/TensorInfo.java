package io.residuum.weights;

import io.residuum.json.JsonText;
import java.util.List;

/**
 * The description of a tensor in a file.
 *
 * @param name the name
 * @param type the element type
 * @param shape the dimensions, each at least 0; empty for a scalar
 * @param bytes the length of the data
 */
public record TensorInfo(String name, TensorType type, List<Long> shape, long bytes) {

    /**
     * Copies and checks the shape.
     *
     * @throws WeightsException if a dimension is negative, the size overflows, or it differs from
     *     {@code bytes}
     */
    public TensorInfo {
        shape = List.copyOf(shape);
        long expected = sizeOf(name, type, shape);
        if (expected != bytes) {
            throw new WeightsException(
                    "tensor %s: shape %s of %s must take %d bytes, found %d"
                            .formatted(JsonText.quote(name), shape, type, expected, bytes));
        }
    }

    static TensorInfo of(String name, TensorType type, List<Long> shape) {
        return new TensorInfo(name, type, shape, sizeOf(name, type, shape));
    }

    TensorInfo named(String other) {
        return new TensorInfo(other, type, shape, bytes);
    }

    /** {@return the number of elements, 1 for a scalar} */
    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** {@return the shape as a new array} */
    public long[] dimensions() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    private static long sizeOf(String name, TensorType type, List<Long> shape) {
        try {
            long elements = 1;
            for (long dimension : shape) {
                if (dimension < 0) {
                    throw new WeightsException(
                            "tensor %s: dimensions must be at least 0, found shape %s"
                                    .formatted(JsonText.quote(name), shape));
                }
                elements = Math.multiplyExact(elements, dimension);
            }
            return type.bytes(elements);
        } catch (ArithmeticException e) {
            throw new WeightsException(
                    "tensor %s: shape %s of %s must fit 2^63 bits and a whole number of bytes"
                            .formatted(JsonText.quote(name), shape, type),
                    e);
        }
    }
}
