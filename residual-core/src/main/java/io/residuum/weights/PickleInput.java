package io.residuum.weights;

import io.residuum.json.JsonText;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The bytes of pickles. Every length is checked against the remaining bytes before use. */
record PickleInput(Path file, ByteBuffer in, MemoryBudget budget) {
    // Module and class names, numbers as text.
    private static final int MAX_LINE = 512;

    int position() {
        return in.position();
    }

    void charge(long bytes) {
        budget.charge(bytes);
    }

    int u8() {
        return need(1).get() & 0xff;
    }

    int u16() {
        return need(2).getShort() & 0xffff;
    }

    int i32() {
        return need(4).getInt();
    }

    long i64() {
        return need(8).getLong();
    }

    /** Reads a double, which is big-endian, unlike all other values. */
    double f64() {
        return Double.longBitsToDouble(Long.reverseBytes(i64()));
    }

    /** Reads a length stored in 4 bytes. */
    int length32() {
        return length(i32() & 0xffffffffL);
    }

    /** Reads a length stored in 8 bytes. */
    int length64() {
        return length(i64());
    }

    private int length(long length) {
        if (length < 0 || length > in.remaining()) {
            throw error(
                    "a length must be at most the %d bytes left, found %s; the file may be truncated"
                            .formatted(in.remaining(), Long.toUnsignedString(length)));
        }
        return (int) length;
    }

    /** Checks that {@code length} bytes remain, without reading them. */
    void checkFrame(long length) {
        length(length);
    }

    byte[] bytes(int length) {
        need(length);
        charge(MemoryBudget.OBJECT + length);
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    /** Reads UTF-8 text. Other bytes, written by Python 2, are read as Latin-1. */
    String text(int length) {
        need(length);
        // For the decoder's characters and the string's bytes.
        charge(MemoryBudget.OBJECT + 4L * length);
        ByteBuffer text = in.slice(in.position(), length);
        in.position(in.position() + length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
        } catch (CharacterCodingException e) {
            return StandardCharsets.ISO_8859_1.decode(text.rewind()).toString();
        }
    }

    /** Reads a little-endian integer of {@code length} bytes, as a Long if it fits. */
    Object integer(int length) {
        byte[] bytes = bytes(length);
        for (int i = 0, j = length - 1; i < j; i++, j--) {
            byte swapped = bytes[i];
            bytes[i] = bytes[j];
            bytes[j] = swapped;
        }
        return length == 0 ? (Object) 0L : longIfFits(new BigInteger(bytes));
    }

    /** Reads an integer as a line of decimal digits. */
    Object decimal() {
        String line = line();
        try {
            return longIfFits(
                    new BigInteger(
                            line.endsWith("L") ? line.substring(0, line.length() - 1) : line));
        } catch (NumberFormatException e) {
            throw error("a number is expected, found " + JsonText.quote(line));
        }
    }

    private static Object longIfFits(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    /** Reads the rest of a line, without its end. */
    String line() {
        int start = in.position();
        int end = start;
        while (true) {
            if (end == in.limit() || end - start > MAX_LINE) {
                throw error("a line must end within " + MAX_LINE + " bytes");
            }
            if (in.get(end) == '\n') {
                break;
            }
            end++;
        }
        String line = text(end - start);
        u8();
        return line;
    }

    private ByteBuffer need(int length) {
        if (length > in.remaining()) {
            throw error(
                    "%d more bytes must follow, found %d; the file is truncated"
                            .formatted(length, in.remaining()));
        }
        return in.order(ByteOrder.LITTLE_ENDIAN);
    }

    WeightsException error(String problem) {
        return WeightsException.in(file, "pickle, byte " + in.position() + ": " + problem);
    }
}
