package io.residuum.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Arrays made and compared in Java, with the same values on every engine. */
public final class Tensors {
    private Tensors() {}

    /**
     * Draws values between -2 and 2.
     *
     * @param seed any number
     * @param count how many
     * @return exactly representable as float32
     */
    public static double[] draw(long seed, long count) {
        SplittableRandom random = new SplittableRandom(seed);
        return random.doubles(count, -2, 2).map(v -> (float) v).toArray();
    }

    /**
     * Makes an array.
     *
     * @param manager its owner
     * @param values row by row
     * @param shape its shape
     * @param type float32 or float64
     * @return a new array
     */
    public static NDArray create(NDManager manager, double[] values, Shape shape, DataType type) {
        return Values.create(manager, values, shape, type);
    }

    /**
     * Makes a float32 array of drawn values.
     *
     * @param manager its owner
     * @param seed any number
     * @param dims its shape
     * @return a new array
     */
    public static NDArray random(NDManager manager, long seed, long... dims) {
        Shape shape = new Shape(dims);
        return create(manager, draw(seed, shape.size()), shape, DataType.FLOAT32);
    }

    /**
     * Replaces the values of an array.
     *
     * @param array float32 or float64
     * @param values row by row
     */
    public static void set(NDArray array, double[] values) {
        try (NDArray fresh =
                create(array.getManager(), values, array.getShape(), array.getDataType())) {
            fresh.copyTo(array);
        }
    }

    /**
     * Reads an array.
     *
     * @param array float32 or float64
     * @return its values, row by row
     */
    public static double[] values(NDArray array) {
        if (array.getDataType() == DataType.FLOAT64) {
            return array.toDoubleArray();
        }
        float[] values = array.toFloatArray();
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    /**
     * The largest absolute value.
     *
     * @param values any
     * @return 0 if there are none
     */
    public static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    /**
     * Requires equal numbers, up to a share of the largest of them (of 1, if all are smaller).
     *
     * @param expected the numbers
     * @param actual the numbers found
     * @param tolerance the share
     * @param what what they are, for the message
     */
    public static void assertClose(
            double[] expected, double[] actual, double tolerance, String what) {
        assertEquals(expected.length, actual.length, what);
        double allowed = tolerance * Math.max(1, largest(expected));
        for (int i = 0; i < expected.length; i++) {
            // Written so that NaN fails.
            if (!(Math.abs(expected[i] - actual[i]) <= allowed)) {
                fail(
                        "%s: element %d of %d must be %s, found %s, which is further than %s"
                                .formatted(
                                        what, i, actual.length, expected[i], actual[i], allowed));
            }
        }
    }
}
