package io.residuum.weights.quantized;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfFloatsTest {

    // Values and bits as NumPy's float16 has them.
    @ParameterizedTest
    @CsvSource({
        "0.0, 0000",
        "-0.0, 8000",
        "1.0, 3c00",
        "-2.5, c100",
        "0.1, 2e66",
        "65504, 7bff",
        "65519.996, 7bff",
        "65520, 7c00",
        "3.4028235e38, 7c00",
        "Infinity, 7c00",
        "-Infinity, fc00",
        "NaN, 7e00",
        "6.1035156e-5, 0400",
        "6.1035153e-5, 0400",
        "6.097555e-5, 03ff",
        "5.9604645e-8, 0001",
        "2.9802322e-8, 0000",
        "2.9802326e-8, 0001",
        "8.940697e-8, 0002",
        "1.4e-45, 0000",
        "1.0004883, 3c00",
        "1.0004884, 3c01",
        "1.0014648, 3c02",
        "2047.9999, 6800"
    })
    void narrowsToBinary16(float value, String bits) {
        assertEquals(bits, "%04x".formatted(HalfFloats.toF16(value)));
    }

    // Values and bits as PyTorch's bfloat16 has them.
    @ParameterizedTest
    @CsvSource({
        "0.0, 0000",
        "-0.0, 8000",
        "1.0, 3f80",
        "3.140625, 4049",
        "1.00390625, 3f80",
        "1.01171875, 3f82",
        "1.0039064, 3f81",
        "3.3895314e38, 7f7f",
        "3.4028235e38, 7f80",
        "-Infinity, ff80",
        "1.4e-45, 0000",
        "9.1835e-41, 0001",
        "NaN, 7fc0"
    })
    void narrowsToBfloat16(float value, String bits) {
        assertEquals(bits, "%04x".formatted(HalfFloats.toBf16(value)));
    }

    @Test
    void keepsNaNsWhosePayloadIsInTheLowBits() {
        float nan = Float.intBitsToFloat(0x7f800001);
        assertTrue(Float.isNaN(HalfFloats.fromF16(HalfFloats.toF16(nan))));
        assertTrue(Float.isNaN(HalfFloats.fromBf16(HalfFloats.toBf16(nan))));
    }

    @Test
    void widensEveryPatternToItsDefinition() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float half = HalfFloats.fromF16((short) bits);
            assertEquals((float) define(bits, 5, 10), half, "f16 " + bits);
            float bfloat = HalfFloats.fromBf16((short) bits);
            assertEquals((float) define(bits, 8, 7), bfloat, "bf16 " + bits);
            if (!Float.isNaN(half)) {
                assertEquals((short) bits, HalfFloats.toF16(half));
            }
            if (!Float.isNaN(bfloat)) {
                assertEquals((short) bits, HalfFloats.toBf16(bfloat));
            }
        }
    }

    // sign, exponent, fraction: IEEE 754-2019, section 3.4.
    private static double define(int bits, int exponentBits, int fractionBits) {
        int bias = (1 << exponentBits - 1) - 1;
        int exponent = bits >>> fractionBits & (1 << exponentBits) - 1;
        double fraction = (bits & (1 << fractionBits) - 1) / (double) (1 << fractionBits);
        double magnitude;
        if (exponent == (1 << exponentBits) - 1) {
            magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        } else if (exponent == 0) {
            magnitude = fraction * Math.pow(2, 1 - bias);
        } else {
            magnitude = (1 + fraction) * Math.pow(2, exponent - bias);
        }
        return bits >>> 15 == 0 ? magnitude : -magnitude;
    }

    @Test
    void narrowsToTheNearest() {
        Random random = new Random(20);
        for (int i = 0; i < 200_000; i++) {
            float value = (float) Math.scalb(random.nextFloat() + 1, random.nextInt(38) - 25);
            checkNearest(value, HalfFloats.toF16(value), b -> HalfFloats.fromF16((short) b));
            checkNearest(value, HalfFloats.toBf16(value), b -> HalfFloats.fromBf16((short) b));
        }
    }

    private static void checkNearest(float value, short bits, IntFunction<Float> widen) {
        double error = Math.abs((double) value - widen.apply(bits));
        double above = Math.abs((double) value - widen.apply(bits + 1));
        double below = bits == 0 ? 1 : Math.abs((double) value - widen.apply(bits - 1));
        boolean even = (bits & 1) == 0;
        assertTrue(
                even ? error <= above && error <= below : error < above && error < below,
                () -> "seed 20: " + value + " became " + widen.apply(bits));
    }
}
