package io.residuum.transformer.text.library;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The tokens of one or two texts as the native library gives them.
 *
 * @param tokens the tokens as the vocabulary writes them
 * @param ids the id of each token
 * @param segments the segment of each token (token type)
 * @param texts the text of each token, 0 or 1; -1 for tokens that the template adds
 * @param starts the code point in its text at which each token starts; 0 for added tokens
 * @param ends the code point after each token
 * @param words the index of each token's word, -1 for none
 */
public record NativeTokens(
        List<String> tokens,
        int[] ids,
        int[] segments,
        int[] texts,
        int[] starts,
        int[] ends,
        int[] words) {

    /** Writes the tokens for {@link #read}. */
    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            out.writeInt(ids.length);
            for (int i = 0; i < ids.length; i++) {
                byte[] token = tokens.get(i).getBytes(StandardCharsets.UTF_8);
                out.writeInt(token.length);
                out.write(token);
                for (int[] column : columns()) {
                    out.writeInt(column[i]);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private List<int[]> columns() {
        return List.of(ids, segments, texts, starts, ends, words);
    }

    /** Reads what {@link #bytes} wrote. */
    static NativeTokens read(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int count = in.getInt();
        List<String> tokens = new ArrayList<>();
        NativeTokens found =
                new NativeTokens(
                        tokens,
                        new int[count],
                        new int[count],
                        new int[count],
                        new int[count],
                        new int[count],
                        new int[count]);
        for (int i = 0; i < count; i++) {
            byte[] token = new byte[in.getInt()];
            in.get(token);
            tokens.add(new String(token, StandardCharsets.UTF_8));
            for (int[] column : found.columns()) {
                column[i] = in.getInt();
            }
        }
        return found;
    }
}
