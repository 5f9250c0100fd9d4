package io.residuum.weights.quantized;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The element types of GGUF files that are read, under the names of ggml. A type stores blocks of
 * neighbouring elements of a row. Scales and minima are IEEE 754 binary16.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">The format</a>
 */
public enum GgmlType {
    /** IEEE 754 binary32. */
    F32(0, 1, 4),
    /** IEEE 754 binary16. */
    F16(1, 1, 2),
    /** The upper half of a binary32. */
    BF16(30, 1, 2),
    /** A scale and 32 integers of 8 bits. */
    Q8_0(8, 32, 34),
    /**
     * A scale and 32 integers of 4 bits, increased by 8: the first 16 in the lower halves of bytes.
     */
    Q4_0(2, 32, 18),
    /** A scale, a minimum and 32 integers of 4 bits. */
    Q4_1(3, 32, 20),
    /**
     * 256 integers of 6 bits, increased by 32, in groups of 16 with a scale of 8 bits each, and a
     * scale of these scales.
     */
    Q6_K(14, 256, 210);

    /** The names of all types by their number; an empty name is a number that no type has. */
    private static final String[] NAMES =
            """
            F32 F16 Q4_0 Q4_1 ? ? Q5_0 Q5_1 Q8_0 Q8_1 Q2_K Q3_K Q4_K Q5_K Q6_K Q8_K IQ2_XXS IQ2_XS
            IQ3_XXS IQ1_S IQ4_NL IQ3_S IQ2_S IQ4_XS I8 I16 I32 I64 F64 IQ1_M BF16 ? ? ? TQ1_0 TQ2_0
            ? ? ? MXFP4 NVFP4 Q1_0
            """
                    .split("\\s+");

    private static final int HALF = 16;
    private static final int SIX_BIT_HALF = 128;
    private static final int QUARTER = 32;

    private final int number;
    private final int elements;
    private final int bytes;

    GgmlType(int number, int elements, int bytes) {
        this.number = number;
        this.elements = elements;
        this.bytes = bytes;
    }

    /**
     * {@return the type of a number in a file; empty if it is not read}
     *
     * @param number any number
     */
    public static Optional<GgmlType> of(int number) {
        return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
    }

    /**
     * {@return the name of a type, read or not, for messages}
     *
     * @param number any number
     */
    public static String name(int number) {
        boolean known = number >= 0 && number < NAMES.length && !NAMES[number].equals("?");
        return known ? NAMES[number] : "number " + Integer.toUnsignedString(number);
    }

    /** {@return the number of elements in a block} */
    public int elements() {
        return elements;
    }

    /** {@return the length of a block in bytes} */
    public int bytes() {
        return bytes;
    }

    /** {@return the format of weights that stay integers in a network; empty for other types} */
    public Optional<QuantizedFormat> format() {
        return switch (this) {
            case Q8_0 -> Optional.of(new QuantizedFormat(8, elements));
            case Q4_0 -> Optional.of(new QuantizedFormat(4, elements));
            default -> Optional.empty();
        };
    }

    /**
     * Converts blocks to floats.
     *
     * @param in little-endian bytes of whole blocks, all of which are read
     * @param out receives the elements from its beginning
     */
    public void toFloats(ByteBuffer in, float[] out) {
        int blocks = in.remaining() / bytes;
        for (int block = 0; block < blocks; block++) {
            int at = block * elements;
            switch (this) {
                case F32 -> out[at] = in.getFloat();
                case F16 -> out[at] = half(in);
                case BF16 -> out[at] = HalfFloats.fromBf16(in.getShort());
                case Q8_0 -> {
                    float scale = half(in);
                    for (int i = 0; i < elements; i++) {
                        out[at + i] = scale * in.get();
                    }
                }
                case Q4_0 -> {
                    float scale = half(in);
                    for (int i = 0; i < HALF; i++) {
                        byte pair = in.get();
                        out[at + i] = scale * ((pair & 15) - 8);
                        out[at + HALF + i] = scale * ((pair >> 4 & 15) - 8);
                    }
                }
                case Q4_1 -> {
                    float scale = half(in);
                    float least = half(in);
                    for (int i = 0; i < HALF; i++) {
                        byte pair = in.get();
                        out[at + i] = scale * (pair & 15) + least;
                        out[at + HALF + i] = scale * (pair >> 4 & 15) + least;
                    }
                }
                case Q6_K -> sixBits(in, out, at);
            }
        }
    }

    private static float half(ByteBuffer in) {
        return HalfFloats.fromF16(in.getShort());
    }

    /** Reads 128 bytes of lower halves, 64 bytes of upper quarters, 16 scales and their scale. */
    private void sixBits(ByteBuffer in, float[] out, int at) {
        int low = in.position();
        int high = low + elements / 2;
        int scales = high + elements / 4;
        float scale = HalfFloats.fromF16(in.getShort(low + bytes - Short.BYTES));
        for (int i = 0; i < elements; i++) {
            int half = i / SIX_BIT_HALF;
            int quarter = i % SIX_BIT_HALF / QUARTER;
            int column = i % QUARTER;
            int lower = in.get(low + half * 64 + quarter % 2 * QUARTER + column);
            int upper = in.get(high + half * QUARTER + column);
            int value = lower >> quarter / 2 * 4 & 15 | (upper >> 2 * quarter & 3) << 4;
            out[at + i] = scale * in.get(scales + i / HALF) * (value - 32);
        }
        in.position(low + bytes);
    }
}
