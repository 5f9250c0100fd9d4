package io.residuum.weights.quantized;

/**
 * A weight as integers with scales.
 *
 * @param rows the number of outputs
 * @param integers one for each weight, row by row; do not change them
 * @param scales one for each group of neighbouring integers, in order; do not change them
 */
@SuppressWarnings("ArrayRecordComponent")
public record QuantizedTensor(int rows, byte[] integers, float[] scales) {

    /** {@return the weights, row by row} */
    public float[] floats() {
        float[] values = new float[integers.length];
        int width = integers.length / Math.max(1, scales.length);
        for (int i = 0; i < values.length; i++) {
            values[i] = scales[i / width] * integers[i];
        }
        return values;
    }

    /** {@return two integers of four bits a byte, increased by 8, the first in the lower bits} */
    public long[] packed() {
        long[] bytes = new long[integers.length / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = integers[2 * i] + 8 | integers[2 * i + 1] + 8 << 4;
        }
        return bytes;
    }

    /**
     * {@return the integers of packed bytes}
     *
     * @param bytes as {@link #packed} returns them
     */
    public static byte[] unpacked(long[] bytes) {
        byte[] integers = new byte[2 * bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            integers[2 * i] = (byte) ((bytes[i] & 15) - 8);
            integers[2 * i + 1] = (byte) ((bytes[i] >> 4) - 8);
        }
        return integers;
    }
}
