package io.residuum.weights.quantized;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.testing.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Integers times scales are near the weights, and are found again from their products. */
class QuantizedFormatTest {
    private static final int ROWS = 5;
    private static final int COLUMNS = 64;

    private static float[] weights() {
        double[] drawn = Tensors.draw(3, ROWS * COLUMNS);
        float[] values = new float[drawn.length];
        for (int i = 0; i < values.length; i++) {
            // Rows of other sizes, one of zeros.
            values[i] = (float) (drawn[i] * (i / COLUMNS));
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({
        "8, 0, 0.003",
        "8, 16, 0.003",
        "4, 32, 0.04",
        "4, 0, 0.04",
        "4, 24, 0.04",
        "8, 100, 0.003"
    })
    void losesLittleAndOnlyOnce(int bits, int group, double tolerance) {
        QuantizedFormat format = new QuantizedFormat(bits, group);
        float[] values = weights();
        QuantizedTensor stored = format.quantize(values, ROWS);
        int groups = group == 0 ? 1 : (COLUMNS + group - 1) / group;
        assertEquals(ROWS * groups, stored.scales().length);
        float[] read = stored.floats();
        for (int row = 0; row < ROWS; row++) {
            double largest = 0;
            double error = 0;
            for (int i = row * COLUMNS; i < (row + 1) * COLUMNS; i++) {
                largest = Math.max(largest, Math.abs(values[i]));
                error += Math.pow(values[i] - read[i], 2) / COLUMNS;
            }
            error = Math.sqrt(error);
            assertTrue(error <= tolerance * largest, row + ": " + error + " of " + largest);
        }
        QuantizedTensor again = format.quantize(read, ROWS);
        // Where +7 and -7 are the extremes, integers and scale may both change their sign.
        assertArrayEquals(read, again.floats(), 1e-6f);
    }

    @Test
    void zerosFillTheLastGroupOfARow() {
        QuantizedTensor tensor =
                new QuantizedFormat(8, 2).quantize(new float[] {1, 2, 4, 1, 2, 8}, 2);
        assertArrayEquals(new float[] {2 / 127f, 4 / 127f, 2 / 127f, 8 / 127f}, tensor.scales());
        assertArrayEquals(new byte[] {64, 127, 127, 64, 127, 127}, tensor.integers());
        QuantizedTensor padded = tensor.padded();
        assertArrayEquals(new byte[] {64, 127, 127, 0, 64, 127, 127, 0}, padded.integers());
        assertArrayEquals(tensor.scales(), padded.scales());
        assertEquals(4, padded.columns());
    }

    @Test
    void packsTwoIntegersInAByte() {
        QuantizedTensor tensor =
                new QuantizedTensor(new byte[] {-8, 7, 0, -1}, new float[] {1}, 4, 4);
        byte[] packed = tensor.packed();
        assertArrayEquals(new byte[] {(byte) 0xf0, 0x78}, packed);
        assertArrayEquals(tensor.integers(), QuantizedTensor.unpacked(new long[] {0xf0, 0x78}));
    }

    @Test
    void storesMatricesAndFilters() {
        assertTrue(new QuantizedFormat(8, 0).fits(4, 3, 3, 3));
        assertTrue(new QuantizedFormat(4, 32).fits(4, 64));
        assertTrue(new QuantizedFormat(4, 32).fits(4, 48));
        assertFalse(new QuantizedFormat(4, 32).fits(4, 47));
        assertFalse(new QuantizedFormat(4, 0).fits(4, 3));
        assertFalse(new QuantizedFormat(8, 0).fits(4));
        assertThrows(IllegalArgumentException.class, () -> new QuantizedFormat(5, 0));
    }
}
