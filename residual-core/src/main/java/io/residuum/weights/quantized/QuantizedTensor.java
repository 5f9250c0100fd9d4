package io.residuum.weights.quantized;

import com.google.common.math.IntMath;
import java.math.RoundingMode;

/**
 * A weight as integers with scales.
 *
 * @param integers one for each weight, row by row; do not change them
 * @param scales one for each group of neighbouring integers, in order; do not change them
 * @param columns the number of integers in a row, positive
 * @param group the number of integers in a group, positive; the last group of a row may have fewer
 */
@SuppressWarnings("ArrayRecordComponent")
public record QuantizedTensor(byte[] integers, float[] scales, int columns, int group) {

    private int groups() {
        return IntMath.divide(columns, group, RoundingMode.CEILING);
    }

    /** {@return the weights, row by row} */
    public float[] floats() {
        float[] values = new float[integers.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = scales[i / columns * groups() + i % columns / group] * integers[i];
        }
        return values;
    }

    /** {@return a copy with zeros that fill the last group of each row} */
    public QuantizedTensor padded() {
        int wide = groups() * group;
        if (wide == columns) {
            return this;
        }
        int rows = integers.length / columns;
        byte[] filled = new byte[Math.multiplyExact(rows, wide)];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(integers, row * columns, filled, row * wide, columns);
        }
        return new QuantizedTensor(filled, scales, wide, group);
    }

    /** {@return two integers of four bits a byte, increased by 8, the first in the lower bits} */
    public byte[] packed() {
        byte[] bytes = new byte[integers.length / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (integers[2 * i] + 8 | integers[2 * i + 1] + 8 << 4);
        }
        return bytes;
    }

    /**
     * {@return the integers of packed bytes}
     *
     * @param read the bytes, as {@link #packed} returns them
     */
    public static byte[] unpacked(long[] read) {
        byte[] integers = new byte[2 * read.length];
        for (int i = 0; i < read.length; i++) {
            integers[2 * i] = (byte) ((read[i] & 15) - 8);
            integers[2 * i + 1] = (byte) ((read[i] >> 4 & 15) - 8);
        }
        return integers;
    }

    /**
     * {@return integers of 8 bits}
     *
     * @param read the integers
     */
    public static byte[] bytes(long[] read) {
        byte[] integers = new byte[read.length];
        for (int i = 0; i < read.length; i++) {
            integers[i] = (byte) read[i];
        }
        return integers;
    }
}
