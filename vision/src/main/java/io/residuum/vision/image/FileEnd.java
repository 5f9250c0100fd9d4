package io.residuum.vision.image;

import io.residuum.data.DataException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/** Finds the missing ends and wrong checksums of files whose decoders do not look for them. */
final class FileEnd {
    private static final int RIFF = 0x52494646;
    private static final int RIFF_HEADER = 8;
    private static final long PNG = 0x89504e470d0a1a0aL;

    /** The length and type before the data of a chunk, and the checksum behind it. */
    private static final int PNG_CHUNK = 12;

    private static final int JPEG = 0xFFD8;

    /** A block of 8 x 8 pixels takes at least one bit. */
    private static final long JPEG_PIXELS_PER_BYTE = 8 * 64;

    private static final int PNG_END = 0x49454e44;

    /** The bit of a chunk's type that is set for chunks without pixels: lower case. */
    private static final int ANCILLARY = 0x20000000;

    private FileEnd() {}

    /**
     * Requires that a PNG or RIFF (WebP) file is complete, and that a JPEG file can be. Does
     * nothing for other files.
     *
     * @param pixels the number of pixels that the header announces
     */
    static void require(byte[] file, long pixels) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        if (file.length >= Short.BYTES && Short.toUnsignedInt(bytes.getShort(0)) == JPEG) {
            // Found before memory for the pixels is allocated.
            if (pixels > JPEG_PIXELS_PER_BYTE * file.length) {
                throw damaged("%,d pixels do not fit into %,d bytes", pixels, file.length);
            }
            return;
        }
        if (file.length >= Long.BYTES && bytes.getLong(0) == PNG) {
            requirePng(bytes);
        } else if (file.length >= RIFF_HEADER && bytes.getInt(0) == RIFF) {
            bytes.order(ByteOrder.LITTLE_ENDIAN);
            long length = RIFF_HEADER + Integer.toUnsignedLong(bytes.getInt(Integer.BYTES));
            if (length > file.length) {
                throw damaged("it must have %d bytes, found %d", length, file.length);
            }
        }
    }

    private static void requirePng(ByteBuffer file) {
        int at = Long.BYTES;
        int type;
        do {
            long rest = (long) file.capacity() - at - PNG_CHUNK;
            if (rest < 0 || Integer.toUnsignedLong(file.getInt(at)) > rest) {
                throw damaged("its chunk IEND is missing after %d bytes", file.capacity());
            }
            int length = file.getInt(at);
            type = file.getInt(at + Integer.BYTES);
            CRC32 sum = new CRC32();
            sum.update(file.array(), at + Integer.BYTES, Integer.BYTES + length);
            int stored = file.getInt(at + 2 * Integer.BYTES + length);
            if ((type & ANCILLARY) == 0 && (int) sum.getValue() != stored) {
                throw damaged("the checksum of the chunk at byte %d is wrong", at);
            }
            at += PNG_CHUNK + length;
        } while (type != PNG_END);
    }

    private static DataException damaged(String format, Object... args) {
        return new DataException("the picture is damaged: " + format.formatted(args));
    }
}
