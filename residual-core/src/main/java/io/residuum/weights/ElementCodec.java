package io.residuum.weights;

import io.residuum.weights.quantized.HalfFloats;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Converts between Java arrays and the bytes of a file. */
final class ElementCodec {
    private static final int CHUNK_BYTES = 1 << 16;

    private ElementCodec() {}

    /** Converts the remaining bytes of {@code in} into {@code out}, starting at {@code at}. */
    static void toFloats(TensorType type, ByteBuffer in, float[] out, int at) {
        int n = in.remaining() / (type.bits() / 8);
        switch (type) {
            case F32 -> in.asFloatBuffer().get(out, at, n);
            case F64 -> {
                for (int i = 0; i < n; i++) {
                    out[at + i] = (float) in.getDouble(i * 8);
                }
            }
            case F16 -> {
                for (int i = 0; i < n; i++) {
                    out[at + i] = HalfFloats.fromF16(in.getShort(i * 2));
                }
            }
            case BF16 -> {
                for (int i = 0; i < n; i++) {
                    out[at + i] = HalfFloats.fromBf16(in.getShort(i * 2));
                }
            }
            case U64 -> {
                for (int i = 0; i < n; i++) {
                    out[at + i] = unsignedToFloat(in.getLong(i * 8));
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    out[at + i] = integer(type, in, i);
                }
            }
        }
    }

    /** Converts the remaining bytes of {@code in} into {@code out}, starting at {@code at}. */
    static void toLongs(TensorType type, ByteBuffer in, long[] out, int at) {
        int n = in.remaining() / (type.bits() / 8);
        for (int i = 0; i < n; i++) {
            out[at + i] = integer(type, in, i);
        }
    }

    private static long integer(TensorType type, ByteBuffer in, int i) {
        return switch (type) {
            case BOOL -> in.get(i) == 0 ? 0 : 1;
            case U8 -> in.get(i) & 0xff;
            case I8 -> in.get(i);
            case U16 -> in.getShort(i * 2) & 0xffff;
            case I16 -> in.getShort(i * 2);
            case U32 -> in.getInt(i * 4) & 0xffffffffL;
            case I32 -> in.getInt(i * 4);
            case I64, U64 -> in.getLong(i * 8);
            default -> throw new IllegalArgumentException(type + " is not an integer type");
        };
    }

    // Halving keeps the lowest bit sticky, so that the value is rounded only once.
    private static float unsignedToFloat(long value) {
        return value >= 0 ? value : (value >>> 1 | value & 1) * 2f;
    }

    /** Writes floats as a type of kind FLOAT, little-endian. */
    static void write(TensorType type, float[] values, OutputStream out) throws IOException {
        write(
                type,
                values.length,
                out,
                switch (type) {
                    case F32 -> (buffer, i) -> buffer.putFloat(values[i]);
                    case F64 -> (buffer, i) -> buffer.putDouble(values[i]);
                    case F16 -> (buffer, i) -> buffer.putShort(HalfFloats.toF16(values[i]));
                    case BF16 -> (buffer, i) -> buffer.putShort(HalfFloats.toBf16(values[i]));
                    default -> throw new IllegalArgumentException(type + " is not a float type");
                });
    }

    /** Writes longs, which must be in the type's range, as a type of kind INTEGER. */
    static void write(TensorType type, long[] values, OutputStream out) throws IOException {
        write(
                type,
                values.length,
                out,
                switch (type.bits()) {
                    case 8 -> (buffer, i) -> buffer.put((byte) values[i]);
                    case 16 -> (buffer, i) -> buffer.putShort((short) values[i]);
                    case 32 -> (buffer, i) -> buffer.putInt((int) values[i]);
                    default -> (buffer, i) -> buffer.putLong(values[i]);
                });
    }

    static void write(int[] values, OutputStream out) throws IOException {
        write(TensorType.I32, values.length, out, (buffer, i) -> buffer.putInt(values[i]));
    }

    private interface Put {
        void put(ByteBuffer buffer, int index);
    }

    private static void write(TensorType type, int n, OutputStream out, Put put)
            throws IOException {
        int perChunk = CHUNK_BYTES * 8 / type.bits();
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int start = 0; start < n; ) {
            int end = start + Math.min(perChunk, n - start);
            buffer.clear();
            for (int i = start; i < end; i++) {
                put.put(buffer, i);
            }
            out.write(buffer.array(), 0, buffer.position());
            start = end;
        }
    }
}
