package io.residuum.transformer.generate;

import io.residuum.transformer.text.SpecialTokens;
import io.residuum.transformer.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** A token a byte, and two that begin and end texts: as little as a tokenizer can be. */
record Letters(int first, int count) implements Tokenizer {

    /** The bytes of UTF-8. */
    static final Letters BYTES = new Letters(0, 256);

    int begin() {
        return count;
    }

    int end() {
        return count + 1;
    }

    @Override
    public int vocabulary() {
        return count + 2;
    }

    @Override
    public int[] encode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (bytes[i] & 0xFF) - first;
        }
        return ids;
    }

    @Override
    public int[] encodeForModel(String text) {
        return encode(text);
    }

    @Override
    public String decode(int... ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            if (id < count) {
                bytes.write(first + id);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public SpecialTokens special() {
        OptionalInt none = OptionalInt.empty();
        return new SpecialTokens(OptionalInt.of(begin()), OptionalInt.of(end()), none, none, none);
    }

    @Override
    public String json() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
