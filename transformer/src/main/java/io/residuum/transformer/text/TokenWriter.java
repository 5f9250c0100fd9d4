package io.residuum.transformer.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes the sections of a {@link TokenFile} in order. */
final class TokenWriter {
    private final int vocabulary;
    private final int width;
    private final ByteArrayOutputStream table = new ByteArrayOutputStream();
    private OutputStream out = OutputStream.nullOutputStream();
    private long tokens;

    TokenWriter(int vocabulary) {
        this.vocabulary = vocabulary;
        this.width = TokenFile.width(vocabulary);
    }

    void begin(OutputStream to) throws IOException {
        out = to;
        out.write(TokenFile.MAGIC);
    }

    void piece(int[] ids, int characters) {
        ByteBuffer bytes = littleEndian(ids.length * width);
        for (int id : ids) {
            if (width == Short.BYTES) {
                bytes.putShort((short) id);
            } else {
                bytes.putInt(id);
            }
        }
        try {
            out.write(bytes.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        table.writeBytes(
                littleEndian(TokenFile.PIECE).putInt(ids.length).putInt(characters).array());
        tokens += ids.length;
    }

    void end(String tokenizer) throws IOException {
        byte[] json = tokenizer.getBytes(UTF_8);
        out.write(table.toByteArray());
        out.write(json);
        out.write(
                littleEndian(TokenFile.FOOTER)
                        .putLong(tokens)
                        .putLong(table.size() / TokenFile.PIECE)
                        .putLong(json.length)
                        .putInt(width)
                        .putInt(vocabulary)
                        .put(TokenFile.MAGIC)
                        .array());
    }

    long tokens() {
        return tokens;
    }

    private static ByteBuffer littleEndian(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
