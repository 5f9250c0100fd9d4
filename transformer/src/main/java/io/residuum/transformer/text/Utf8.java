package io.residuum.transformer.text;

import io.residuum.data.DataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Reads text in strict UTF-8: other bytes are an error with their position. */
public final class Utf8 {
    private static final int BUFFER = 1 << 16;

    private Utf8() {}

    /**
     * Decodes a text.
     *
     * @param bytes the text
     * @param source its name in messages
     * @throws DataException if a byte is not UTF-8
     */
    public static String decode(byte[] bytes, String source) {
        StringBuilder text = new StringBuilder();
        try (ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(bytes))) {
            read(channel, source, text::append, done -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e); // never for bytes in memory
        }
        return text.toString();
    }

    /**
     * {@return the text of a file, without a byte order mark}
     *
     * @param file a file in UTF-8
     * @throws DataException if it cannot be read, or has bytes that are not UTF-8
     */
    public static String read(Path file) {
        StringBuilder text = new StringBuilder();
        read(file, text::append, bytes -> {});
        boolean marked = !text.isEmpty() && text.charAt(0) == '\uFEFF';
        return text.substring(marked ? 1 : 0);
    }

    /**
     * Reads a complete file.
     *
     * @param text a function that receives the next chars; they are overwritten afterwards
     * @param progress a function that receives the number of bytes read so far
     * @throws DataException if the file cannot be read or a byte is not UTF-8
     */
    static void read(Path file, Consumer<CharSequence> text, LongConsumer progress) {
        try (ReadableByteChannel channel = Files.newByteChannel(file)) {
            read(channel, file.toString(), text, progress);
        } catch (IOException e) {
            throw TextFiles.unreadable(file, e);
        }
    }

    private static void read(
            ReadableByteChannel channel,
            String source,
            Consumer<CharSequence> text,
            LongConsumer progress)
            throws IOException {
        // by default, decoders report malformed input
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer bytes = ByteBuffer.allocate(BUFFER);
        CharBuffer chars = CharBuffer.allocate(BUFFER);
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
                                "%s: must be text in UTF-8, but the byte at offset %,d is 0x%02X",
                                source, decoded, bytes.get(bytes.position())));
            }
            bytes.compact();
            text.accept(chars.flip());
            chars.clear();
            progress.accept(decoded);
        }
    }
}
