package io.residuum.weights.quantized;

/**
 * Converts the two 16-bit float formats.
 *
 * <p>Widening is exact. Narrowing rounds to nearest, ties to even, and overflows to infinity, as in
 * PyTorch and NumPy. A NaN stays a NaN.
 */
public final class HalfFloats {
    private static final int F32_INFINITY = 0x7f800000;
    // 65520, halfway between the largest binary16 and the next power of two.
    private static final int F16_OVERFLOW = 0x477ff000;
    // 2^-14, the smallest normal binary16.
    private static final int F16_NORMAL = 0x38800000;
    private static final int EXPONENT_REBIAS = 127 - 15;

    private HalfFloats() {}

    /**
     * {@return the value of an IEEE 754 binary16}
     *
     * @param bits the 16 bits
     */
    public static float fromF16(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >>> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            return Float.intBitsToFloat(sign | Float.floatToRawIntBits(fraction * 0x1p-24f));
        }
        int wide = exponent == 0x1f ? F32_INFINITY : exponent + EXPONENT_REBIAS << 23;
        return Float.intBitsToFloat(sign | wide | fraction << 13);
    }

    /**
     * {@return the bits of the nearest IEEE 754 binary16}
     *
     * @param value any float
     */
    public static short toF16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        int half;
        if (magnitude > F32_INFINITY) {
            half = 0x7e00 | magnitude >>> 13 & 0x3ff;
        } else if (magnitude >= F16_OVERFLOW) {
            half = 0x7c00;
        } else if (magnitude < F16_NORMAL) {
            // The scaling is exact; 1024 comes out as the bits of the smallest normal.
            half = (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24f);
        } else {
            half = roundAway(magnitude, 13) - (EXPONENT_REBIAS << 23) >>> 13;
        }
        return (short) (sign | half);
    }

    /**
     * {@return the value of a bfloat16}
     *
     * @param bits the 16 bits
     */
    public static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /**
     * {@return the bits of the nearest bfloat16}
     *
     * @param value any float
     */
    public static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (roundAway(bits, 16) >>> 16);
    }

    // Adds just under half of the last kept bit's value, or half if that bit is 1. Dropping the low
    // bits then rounds to nearest, ties to even. A carry increments the exponent.
    private static int roundAway(int bits, int dropped) {
        return bits + (1 << dropped - 1) - 1 + (bits >>> dropped & 1);
    }
}
