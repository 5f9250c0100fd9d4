package io.residuum.examples.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** Damages bytes: flips, cuts, copies, and numbers that lengths and offsets may be. */
enum ByteMutation implements Kind.Mutation {
    LITTLE_ENDIAN(ByteOrder.LITTLE_ENDIAN),
    BIG_ENDIAN(ByteOrder.BIG_ENDIAN);

    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        0x7f,
        0xff,
        0x7fff,
        0xffff,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xffff_ffffL,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        1L << 40
    };

    private final ByteOrder order;

    ByteMutation(ByteOrder order) {
        this.order = order;
    }

    @Override
    public byte[] mutate(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            bytes = once(bytes, random);
        }
        return bytes;
    }

    private byte[] once(byte[] bytes, Random random) {
        if (bytes.length < Long.BYTES) {
            return Arrays.copyOf(bytes, bytes.length + Long.BYTES);
        }
        // Headers are where the lies are.
        int limit = random.nextBoolean() ? bytes.length : Math.min(bytes.length, 512);
        int at = random.nextInt(limit - Long.BYTES + 1);
        int length = 1 + random.nextInt(Math.min(64, bytes.length - at));
        switch (random.nextInt(8)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt(256);
            case 2 -> {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            case 3 -> {
                return replaced(bytes, at, length, new byte[0]);
            }
            case 4 -> {
                byte[] copy = Arrays.copyOfRange(bytes, at, at + length);
                return replaced(bytes, random.nextInt(bytes.length), 0, copy);
            }
            case 5 -> {
                byte[] noise = new byte[length];
                random.nextBytes(noise);
                return replaced(bytes, at, random.nextBoolean() ? length : 0, noise);
            }
            default -> {
                long number = NUMBERS[random.nextInt(NUMBERS.length)] + random.nextInt(3) - 1;
                ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
                switch (random.nextInt(3)) {
                    case 0 -> buffer.putShort(at, (short) number);
                    case 1 -> buffer.putInt(at, (int) number);
                    default -> buffer.putLong(at, number);
                }
            }
        }
        return bytes;
    }

    private static byte[] replaced(byte[] bytes, int at, int length, byte[] by) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        out.writeBytes(by);
        int rest = Math.min(bytes.length, at + length);
        out.write(bytes, rest, bytes.length - rest);
        return out.toByteArray();
    }
}
