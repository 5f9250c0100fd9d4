package io.residuum.weights;

/**
 * The two 16-bit float formats, converted bit by bit.
 *
 * <p>Widening is exact. Narrowing rounds to the nearest value, ties to even, and overflows to
 * infinity, as PyTorch and NumPy do; a NaN stays a NaN.
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
     * Widens an IEEE 754 binary16.
     *
     * @param bits the 16 bits
     * @return the same value
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
     * Narrows to IEEE 754 binary16.
     *
     * @param value any float
     * @return the 16 bits of the nearest value
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
     * Widens a bfloat16.
     *
     * @param bits the 16 bits
     * @return the same value
     */
    public static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /**
     * Narrows to bfloat16.
     *
     * @param value any float
     * @return the 16 bits of the nearest value
     */
    public static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (roundAway(bits, 16) >>> 16);
    }

    // Adds just under half of the last kept place, or half where that place is odd: cutting the
    // low bits off afterwards rounds to nearest, ties to even, and a carry moves the exponent.
    private static int roundAway(int bits, int dropped) {
        return bits + (1 << dropped - 1) - 1 + (bits >>> dropped & 1);
    }
}
