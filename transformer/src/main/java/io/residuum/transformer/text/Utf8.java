package io.residuum.transformer.text;

import io.residuum.data.DataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Reads text in strict UTF-8. */
final class Utf8 {
    private static final int BUFFER = 1 << 16;

    private Utf8() {}

    static String read(Path file) {
        StringBuilder text = new StringBuilder();
        read(file, text::append, bytes -> {});
        return text.toString();
    }

    /**
     * Reads a complete file.
     *
     * @param text a function that receives the next chars; they are overwritten afterwards
     * @param progress a function that receives the number of bytes read so far
     * @throws DataException if the file cannot be read or a byte is not UTF-8
     */
    static void read(Path file, Consumer<CharSequence> text, LongConsumer progress) {
        // by default, decoders report malformed input
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer bytes = ByteBuffer.allocate(BUFFER);
        CharBuffer chars = CharBuffer.allocate(BUFFER);
        try (ReadableByteChannel channel = Files.newByteChannel(file)) {
            long decoded = 0;
            boolean end = false;
            while (!end) {
                end = channel.read(bytes) < 0;
                bytes.flip();
                // a char needs at least one byte, so the chars always fit
                CoderResult result = decoder.decode(bytes, chars, end);
                decoded += bytes.position();
                if (result.isError()) {
                    throw new DataException(
                            String.format(
                                    "%s: must be text in UTF-8, but the byte at offset %,d is"
                                            + " 0x%02X",
                                    file, decoded, bytes.get(bytes.position())));
                }
                bytes.compact();
                text.accept(chars.flip());
                chars.clear();
                progress.accept(decoded);
            }
        } catch (IOException e) {
            throw TextFiles.unreadable(file, e);
        }
    }
}
