package io.residuum.weights;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The element types of safetensors, under the format's names.
 *
 * <p>Files with types of kind {@link Kind#OPAQUE} can be opened, listed and copied, but their
 * values cannot be converted.
 */
public enum TensorType {
    /** One byte, 0 for false. */
    BOOL(8, Kind.INTEGER),
    /** Unsigned, 8 bits. */
    U8(8, Kind.INTEGER),
    /** Signed, 8 bits. */
    I8(8, Kind.INTEGER),
    /** Unsigned, 16 bits. */
    U16(16, Kind.INTEGER),
    /** Signed, 16 bits. */
    I16(16, Kind.INTEGER),
    /** Unsigned, 32 bits. */
    U32(32, Kind.INTEGER),
    /** Signed, 32 bits. */
    I32(32, Kind.INTEGER),
    /** Unsigned, 64 bits. */
    U64(64, Kind.INTEGER),
    /** Signed, 64 bits. */
    I64(64, Kind.INTEGER),
    /** IEEE 754 binary16. */
    F16(16, Kind.FLOAT),
    /** The upper half of a binary32. */
    BF16(16, Kind.FLOAT),
    /** IEEE 754 binary32. */
    F32(32, Kind.FLOAT),
    /** IEEE 754 binary64. */
    F64(64, Kind.FLOAT),
    /** Two binary32: real, imaginary. */
    C64(64, Kind.OPAQUE),
    /** 4-bit float. */
    F4(4, Kind.OPAQUE),
    /** 6-bit float, 2 exponent bits. */
    F6_E2M3(6, Kind.OPAQUE),
    /** 6-bit float, 3 exponent bits. */
    F6_E3M2(6, Kind.OPAQUE),
    /** 8-bit float, 4 exponent bits. */
    F8_E4M3(8, Kind.OPAQUE),
    /** 8-bit float, 4 exponent bits, without negative zero. */
    F8_E4M3FNUZ(8, Kind.OPAQUE),
    /** 8-bit float, 5 exponent bits. */
    F8_E5M2(8, Kind.OPAQUE),
    /** 8-bit float, 5 exponent bits, without negative zero. */
    F8_E5M2FNUZ(8, Kind.OPAQUE),
    /** 8-bit power of two. */
    F8_E8M0(8, Kind.OPAQUE);

    /** A kind of values. */
    public enum Kind {
        /** Integers and booleans. */
        INTEGER,
        /** Real numbers. */
        FLOAT,
        /** Values that can be copied but not converted. */
        OPAQUE
    }

    private static final Map<String, TensorType> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(Enum::name, Function.identity()));

    private final int bits;
    private final Kind kind;

    TensorType(int bits, Kind kind) {
        this.bits = bits;
        this.kind = kind;
    }

    static @Nullable TensorType byName(String name) {
        return BY_NAME.get(name);
    }

    /** {@return the width of an element in bits, from 4 to 64} */
    public int bits() {
        return bits;
    }

    /** {@return the kind of values} */
    public Kind kind() {
        return kind;
    }

    /**
     * {@return the length of elements in bytes}
     *
     * @param elements the number of elements, at least 0
     * @throws ArithmeticException if the length overflows or is not a whole number of bytes
     */
    public long bytes(long elements) {
        long total = Math.multiplyExact(elements, (long) bits);
        if (total % 8 != 0) {
            throw new ArithmeticException("not a whole number of bytes");
        }
        return total / 8;
    }
}
